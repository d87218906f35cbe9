import { markMap, stretchRows, type Prediction } from '#models'

type Anomaly = NonNullable<Prediction['anomaly']>

/** Grey of the threshold in a heat map: what is as bright or brighter is anomalous. */
export const thresholdGrey = 128

/** How the greys of a heat map stand for scores: score = threshold + (grey − 128) ÷ 128 · unit. The same for every picture of a threshold. */
export const heatUnit = ({ threshold }: Pick<Anomaly, 'threshold'>): number =>
  threshold === 0 ? 1 : Math.abs(threshold)

/** 1 where an anomaly is: where its map reaches the threshold. */
export const markAnomaly = ({ map, threshold }: Anomaly, widthPx: number, heightPx: number): Uint8Array =>
  markMap(map, { widthPx, heightPx }, threshold)

/** A grey picture of the scores, 0 to 255: `thresholdGrey` and above exactly where `markAnomaly` is 1, one `heatUnit` to either end. */
export function paintHeat(anomaly: Anomaly, widthPx: number, heightPx: number): Uint8Array {
  const { threshold, map } = anomaly
  const perUnit = thresholdGrey / heatUnit(anomaly)
  const grey = markAnomaly(anomaly, widthPx, heightPx)
  stretchRows(map, { widthPx, heightPx }, (y, row) => {
    for (let x = 0, at = y * widthPx; x < widthPx; x++, at++) {
      const level = thresholdGrey + Math.floor((row[x]! - threshold) * perUnit)
      // Rounding decides which side of the threshold a pixel is on; the mask has the last word.
      grey[at] =
        grey[at] === 1 ? Math.min(255, Math.max(thresholdGrey, level)) : Math.min(thresholdGrey - 1, Math.max(0, level))
    }
  })
  return grey
}
