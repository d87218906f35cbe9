import { planPasses, type Frame, type Pass, type PointRenderer } from './renderer.ts'
import type { DrawOrder } from './flags.ts'

/** How much of each pixel of a round point is covered, row after row; `ring` is how much of that is the ring. */
function makeStamp(sizePx: number, ringPx: number): { side: number; cover: Float32Array; ring: Float32Array } {
  const side = Math.max(1, Math.ceil(sizePx))
  const cover = new Float32Array(side * side)
  const ring = new Float32Array(side * side)
  for (let i = 0; i < cover.length; i++) {
    const inwards = sizePx / 2 - Math.hypot((i % side) - (side - 1) / 2, Math.floor(i / side) - (side - 1) / 2)
    cover[i] = sizePx <= 3 ? Math.min(1, sizePx / side) ** 2 : Math.min(1, Math.max(0, inwards + 0.5))
    ring[i] = ringPx > 0 ? Math.min(1, Math.max(0, ringPx - inwards + 0.5)) : 0
  }
  return { side, cover, ring }
}

/** Draws into the pixels of a picture, for browsers without WebGL2 or whose WebGL2 is not quick. */
export function create2dRenderer(canvas: HTMLCanvasElement): PointRenderer | undefined {
  const context = canvas.getContext('2d')
  if (context === null) return undefined
  let places = new Float32Array(0)
  let codes = new Uint8Array(0)
  let table = new Uint8Array(1024)
  let order: DrawOrder = { points: new Uint32Array(0), outside: 0, inside: 0, selected: 0 }
  let picture: ImageData | undefined
  /** Premultiplied red, green, blue and opacity of each pixel, 0..255. */
  let sums = new Float32Array(0)

  /** Points smaller than two pixels: one pixel each, as opaque as the point is large. */
  const drawPixels = (pass: Pass, frame: Frame, width: number, height: number): void => {
    const { camera, ratio } = frame
    const alpha = Math.min(1, pass.alpha * (pass.sizePx * ratio) ** 2)
    const left = 1 - alpha
    const scale = camera.scale * ratio
    const faded = table.map((part, i) => part + pass.fade * ((frame.back[i & 3] ?? 1) * 255 - part))
    const { points } = order
    const [right, lower] = [width / 2 - camera.x * scale, height / 2 + camera.y * scale]
    for (let k = pass.first; k < pass.first + pass.count; k++) {
      const point = points[k]!
      const x = Math.floor(right + places[2 * point]! * scale)
      const y = Math.floor(lower - places[2 * point + 1]! * scale)
      if (!(x >= 0 && y >= 0 && x < width && y < height)) continue
      const code = codes[point]! * 4
      const at = (y * width + x) * 4
      sums[at] = sums[at]! * left + faded[code]! * alpha
      sums[at + 1] = sums[at + 1]! * left + faded[code + 1]! * alpha
      sums[at + 2] = sums[at + 2]! * left + faded[code + 2]! * alpha
      sums[at + 3] = sums[at + 3]! * left + 255 * alpha
    }
  }

  const drawPass = (pass: Pass, frame: Frame, width: number, height: number): void => {
    const { camera, ratio } = frame
    const sidePx = pass.sizePx * ratio
    if (sidePx < 2) return drawPixels(pass, frame, width, height)
    const { side, cover, ring } = makeStamp(sidePx, pass.ring ? 1.5 * ratio : 0)
    const scale = camera.scale * ratio
    const [left, upper] = [width / 2 - side / 2 + 0.5, height / 2 - side / 2 + 0.5]
    const [ink, back] = [frame.ink.map((part) => part * 255), frame.back.map((part) => part * 255)]
    for (let k = pass.first; k < pass.first + pass.count; k++) {
      const point = order.points[k]!
      const x = Math.floor(left + (places[2 * point]! - camera.x) * scale)
      const y = Math.floor(upper - (places[2 * point + 1]! - camera.y) * scale)
      if (!(x >= 0 && y >= 0 && x + side <= width && y + side <= height)) continue
      const code = codes[point]! * 4
      for (let i = 0; i < cover.length; i++) {
        const alpha = cover[i]! * pass.alpha
        if (alpha === 0) continue
        const at = ((y + Math.floor(i / side)) * width + x + (i % side)) * 4
        for (let part = 0; part < 3; part++) {
          const faded = table[code + part]! + pass.fade * (back[part]! - table[code + part]!)
          const own = faded + ring[i]! * (ink[part]! - faded)
          sums[at + part] = sums[at + part]! * (1 - alpha) + own * alpha
        }
        sums[at + 3] = sums[at + 3]! * (1 - alpha) + 255 * alpha
      }
    }
  }

  return {
    kind: '2d',
    setPlaces: (next) => void (places = new Float32Array(next)),
    setCodes: (next) => void (codes = new Uint8Array(next)),
    setTable: (next) => void (table = new Uint8Array(next)),
    setOrder: (next) => void (order = next),
    draw(frame) {
      const width = Math.max(1, Math.round(frame.size.width * frame.ratio))
      const height = Math.max(1, Math.round(frame.size.height * frame.ratio))
      if (picture === undefined || picture.width !== width || picture.height !== height) {
        canvas.width = width
        canvas.height = height
        picture = context.createImageData(width, height)
        sums = new Float32Array(width * height * 4)
      }
      sums.fill(0)
      if (codes.length * 2 === places.length)
        for (const pass of planPasses(order, frame)) drawPass(pass, frame, width, height)
      const { data } = picture
      for (let i = 0; i < data.length; i += 4) {
        const alpha = sums[i + 3]!
        const spread = alpha > 0 ? 255 / alpha : 0
        data[i] = sums[i]! * spread
        data[i + 1] = sums[i + 1]! * spread
        data[i + 2] = sums[i + 2]! * spread
        data[i + 3] = alpha
      }
      context.putImageData(picture, 0, 0)
    },
    close() {
      picture = undefined
      sums = new Float32Array(0)
    },
  }
}
