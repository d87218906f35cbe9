import { bicubic, bilinear, lanczos, nearest, resizePlane, type Window } from './resample.ts'
import type { Planes, ResizePlan } from './resized.ts'

const kernels = { nearest, linear: bilinear, cubic: bicubic, lanczos3: lanczos } as const

/** Brings decoded pixels (interleaved, 8 bits) to the size of a plan. Grey stays one plane. */
export function fitPixels(pixels: Interleaved, plan: ResizePlan): Planes {
  return layPlanes(pixels, placePicture(pixels, plan), plan)
}

/** Interleaved pixels, 8 bits. */
interface Interleaved {
  data: Uint8Array
  width: number
  height: number
  channels: number
}

/** Puts the window of a picture that was resized already into the size of a plan. */
export function fitWindow(seen: Interleaved, picture: { width: number; height: number }, plan: ResizePlan): Planes {
  const { window, inset } = placePicture(picture, plan)
  const whole = { width: window.width, height: window.height, left: 0, top: 0 }
  return layPlanes(seen, { size: [window.width, window.height], window: whole, inset }, plan)
}

function layPlanes(
  pixels: Interleaved,
  { size, window, inset }: ReturnType<typeof placePicture>,
  plan: ResizePlan,
): Planes {
  const channels = pixels.channels >= 3 ? 3 : 1
  const isFilled = window.width === plan.widthPx && window.height === plan.heightPx
  const planes = Array.from({ length: channels }, (_, offset) => {
    const plane = resizePlane(pixels, size, kernels[plan.kernel], { step: pixels.channels, offset }, window).data
    return isFilled ? plane : pad(plane, window, inset, plan)
  })
  const perPlane = plan.widthPx * plan.heightPx
  if (channels === 1) return { data: planes[0]!, channels }
  const data = new Uint8Array(channels * perPlane)
  planes.forEach((plane, i) => data.set(plane, i * perPlane))
  return { data, channels }
}

/** Where a picture comes to lie: `size` of the whole after resizing, the `window` of it that is seen, and where that is put. */
export function placePicture(
  picture: { width: number; height: number },
  plan: ResizePlan,
): { size: [number, number]; window: Window; inset: { left: number; top: number } } {
  const size = wholeSize(picture, plan)
  const window = visibleWindow(size, plan)
  const inset = { left: Math.max(0, (plan.widthPx - size[0]) >> 1), top: Math.max(0, (plan.heightPx - size[1]) >> 1) }
  return { size, window, inset }
}

/** Leads px of a picture to px of a plan's: `x · scaleX + offsetX`, and so down. Of what the plan cuts off, the result lies outside. */
export interface Placement {
  scaleX: number
  scaleY: number
  offsetX: number
  offsetY: number
}

/** How {@link fitPixels} places a picture of a size, px as seen. */
export function measurePlacement(picture: { widthPx: number; heightPx: number }, plan: ResizePlan): Placement {
  const { size, window, inset } = placePicture({ width: picture.widthPx, height: picture.heightPx }, plan)
  return {
    scaleX: size[0] / picture.widthPx,
    scaleY: size[1] / picture.heightPx,
    offsetX: inset.left - window.left,
    offsetY: inset.top - window.top,
  }
}

/** Size of the whole picture after resizing, before any crop or padding. */
function wholeSize(
  { width, height }: { width: number; height: number },
  { fit, crop, widthPx, heightPx }: ResizePlan,
): [number, number] {
  if (fit === 'exact') return [widthPx, heightPx]
  const across = (fit === 'shorter' ? Math.round(widthPx / crop) : widthPx) / width
  const down = (fit === 'shorter' ? Math.round(heightPx / crop) : heightPx) / height
  const scale = fit === 'shorter' ? Math.max(across, down) : Math.min(across, down)
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
}

function visibleWindow([width, height]: readonly [number, number], { widthPx, heightPx }: ResizePlan): Window {
  const window = { width: Math.min(width, widthPx), height: Math.min(height, heightPx) }
  return { ...window, left: (width - window.width) >> 1, top: (height - window.height) >> 1 }
}

function pad(
  plane: Uint8Array,
  { width, height }: Window,
  { left, top }: { left: number; top: number },
  { widthPx, heightPx, pad: level }: ResizePlan,
): Uint8Array {
  const out = new Uint8Array(widthPx * heightPx).fill(level)
  for (let y = 0; y < height; y++) out.set(plane.subarray(y * width, (y + 1) * width), (top + y) * widthPx + left)
  return out
}
