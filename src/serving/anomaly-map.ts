import type { Prediction } from '#models'

type Anomaly = NonNullable<Prediction['anomaly']>

/** Grey of the threshold in a heat map: what is as bright or brighter is anomalous. */
export const thresholdGrey = 128

/** How the greys of a heat map stand for scores: score = threshold + (grey − 128) ÷ 128 · unit. The same for every picture of a threshold. */
export const heatUnit = ({ threshold }: Pick<Anomaly, 'threshold'>): number =>
  threshold === 0 ? 1 : Math.abs(threshold)

/** Scores of an anomaly, laid over the whole picture (bilinear, centres of pixels): width · height, row after row. */
function layMap({ map }: Pick<Anomaly, 'map'>, widthPx: number, heightPx: number): Float32Array {
  const laid = new Float32Array(widthPx * heightPx)
  const columns = planAxis(widthPx, map.widthPx)
  const rows = planAxis(heightPx, map.heightPx)
  for (let y = 0, at = 0; y < heightPx; y++) {
    const top = rows.low[y]! * map.widthPx
    const bottom = rows.high[y]! * map.widthPx
    const down = rows.part[y]!
    for (let x = 0; x < widthPx; x++, at++) {
      const [left, right, across] = [columns.low[x]!, columns.high[x]!, columns.part[x]!]
      const above = map.data[top + left]! * (1 - across) + map.data[top + right]! * across
      const below = map.data[bottom + left]! * (1 - across) + map.data[bottom + right]! * across
      laid[at] = above * (1 - down) + below * down
    }
  }
  return laid
}

/** 1 where an anomaly is: where its map reaches the threshold. */
export function markAnomaly(anomaly: Anomaly, widthPx: number, heightPx: number): Uint8Array {
  return Uint8Array.from(layMap(anomaly, widthPx, heightPx), (score) => (score >= anomaly.threshold ? 1 : 0))
}

/** A grey picture of the scores, 0 to 255: `thresholdGrey` and above exactly where `markAnomaly` is 1, one `heatUnit` to either end. */
export function paintHeat(anomaly: Anomaly, widthPx: number, heightPx: number): Uint8Array {
  const { threshold } = anomaly
  const unit = heatUnit(anomaly)
  return Uint8Array.from(layMap(anomaly, widthPx, heightPx), (score) => {
    const grey = thresholdGrey + Math.floor((thresholdGrey * (score - threshold)) / unit)
    return Math.min(255, Math.max(0, grey))
  })
}

function planAxis(size: number, of: number): { low: Int32Array; high: Int32Array; part: Float32Array } {
  const plan = { low: new Int32Array(size), high: new Int32Array(size), part: new Float32Array(size) }
  for (let i = 0; i < size; i++) {
    const at = Math.min(of - 1, Math.max(0, ((i + 0.5) * of) / size - 0.5))
    plan.low[i] = Math.floor(at)
    plan.high[i] = Math.min(of - 1, plan.low[i]! + 1)
    plan.part[i] = at - plan.low[i]!
  }
  return plan
}
