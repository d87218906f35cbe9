import type { Prediction } from '#models'

/**
 * What a model said of a picture that was turned by `degrees` clockwise about its centre, led back to the picture before: masks and
 * maps pixel by pixel (the nearest one), boxes by their centre, their size kept. What was not on the turned picture is background.
 */
export function turnBack(prediction: Prediction, degrees: number): Prediction {
  if (degrees === 0) return prediction
  const { widthPx, heightPx, mask, boxes, anomaly } = prediction
  return {
    ...prediction,
    ...(mask === undefined ? {} : { mask: { ...mask, data: turnGrid(mask.data, widthPx, heightPx, degrees, 0) } }),
    ...(boxes === undefined ? {} : { boxes: boxes.map((box) => turnBox(box, widthPx, heightPx, degrees)) }),
    ...(anomaly === undefined ? {} : { anomaly: { ...anomaly, map: turnMap(anomaly.map, prediction, degrees) } }),
  }
}

type Box = NonNullable<Prediction['boxes']>[number]

function turnBox(box: Box, widthPx: number, heightPx: number, degrees: number): Box {
  const [cos, sin] = turnOf(-degrees)
  const [dx, dy] = [box.x + box.w / 2 - widthPx / 2, box.y + box.h / 2 - heightPx / 2]
  return {
    ...box,
    x: dx * cos - dy * sin + widthPx / 2 - box.w / 2,
    y: dx * sin + dy * cos + heightPx / 2 - box.h / 2,
  }
}

/** Each pixel takes what lies where the turn led it. */
function turnGrid<Grid extends Uint8Array | Float32Array>(
  data: Grid,
  width: number,
  height: number,
  degrees: number,
  outside: number,
  aspect = 1,
): Grid {
  const [cos, sin] = turnOf(degrees)
  const turned = data.slice().fill(outside) as Grid
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to++) {
      const [dx, dy] = [(x + 0.5 - width / 2) * aspect, y + 0.5 - height / 2]
      const fromX = Math.floor((dx * cos - dy * sin) / aspect + width / 2)
      const fromY = Math.floor(dx * sin + dy * cos + height / 2)
      if (fromX >= 0 && fromY >= 0 && fromX < width && fromY < height) turned[to] = data[fromY * width + fromX]!
    }
  return turned
}

type AnomalyMap = NonNullable<Prediction['anomaly']>['map']

/** Cells of a map need not be square on the picture. */
function turnMap(map: AnomalyMap, { widthPx, heightPx }: Prediction, degrees: number): AnomalyMap {
  const aspect = (widthPx / map.widthPx) * (map.heightPx / heightPx)
  let lowest = Infinity
  for (const value of map.data) lowest = Math.min(lowest, value)
  return { ...map, data: turnGrid(map.data, map.widthPx, map.heightPx, degrees, lowest, aspect) }
}

/** Cosine and sine; y points down, so a positive angle turns clockwise. */
function turnOf(degrees: number): [number, number] {
  const radians = (degrees * Math.PI) / 180
  return [Math.cos(radians), Math.sin(radians)]
}
