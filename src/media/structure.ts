import type { Pixels } from './decode.ts'
import { bicubic, resizePlane, shrinkGray } from './resample.ts'
import { grayOf, type GrayPlane } from './statistics.ts'

/** Longest side at which cleanvision looks for blur. */
const blurSidePx = 64
/** Shorter side down to which block means may stand in for single pixels before a picture is resampled to 64 px or fewer. */
const keptSidePx = 512

/** How often each value of 8 c − (eight neighbours) occurs, from −2040 up; used by one call at a time, cleared by it. */
const responses = new Uint32Array(4081)
const lowestResponse = -2040

/**
 * Standard deviation of Pillow's FIND_EDGES filter (8 times the pixel less its eight neighbours, cut to 0…255; the outermost
 * pixels stay as they are). Counting uncut responses needs no branch a pixel, which makes it three times as fast as summing.
 */
export function measureEdges({ data, width, height }: GrayPlane): number {
  responses.fill(0)
  const isAllBorder = width < 3 || height < 3
  for (let y = 0; y < height; y++) {
    const row = y * width
    if (isAllBorder || y === 0 || y === height - 1) {
      for (let i = row; i < row + width; i++) responses[data[i]! - lowestResponse]!++
      continue
    }
    responses[data[row]! - lowestResponse]!++
    responses[data[row + width - 1]! - lowestResponse]!++
    let left = data[row - width]! + data[row]! + data[row + width]!
    let middle = data[row - width + 1]! + data[row + 1]! + data[row + width + 1]!
    let center = data[row + 1]!
    for (let i = row + 2, end = row + width; i < end; i++) {
      const next = data[i]!
      const right = data[i - width]! + next + data[i + width]!
      responses[(9 * center - left - middle - right - lowestResponse) | 0]!++
      left = middle
      middle = right
      center = next
    }
  }
  let sum = 0
  let squares = 0
  for (let i = 0; i < responses.length; i++) {
    const times = responses[i]!
    if (times === 0) continue
    const edge = Math.max(0, Math.min(255, i + lowestResponse))
    sum += times * edge
    squares += times * edge * edge
  }
  const count = width * height
  const mean = sum / count
  return Math.sqrt(Math.max(0, squares / count - mean * mean))
}

/** 1 − e^(−.01 σ) of the edge response: 0 for a flat picture, towards 1 for a crisp one. */
export function scoreSharpness(edges: number): number {
  return 1 - Math.exp(-0.01 * edges)
}

/**
 * Blurriness score of cleanvision 0.3.7 (image_property.py, BlurrinessProperty): edges of the picture at a longest side of 64 px,
 * plus the spread of its histogram where that exceeds .18; at most 1, below 0.29 is blurry. `gray`: of the whole picture or
 * reduced; `fullEdges`: {@link measureEdges} of the whole picture. Colours are resampled before they become grey, as cleanvision
 * does it, unless the picture was reduced; that moves the score by less than .02.
 */
export function scoreBlur(pixels: Pixels, gray: GrayPlane, fullEdges: number): number {
  const ratio = Math.max(gray.width, gray.height) / blurSidePx
  let small = gray
  let edges = fullEdges
  if (ratio > 1) {
    const size = [Math.max(1, Math.floor(gray.width / ratio)), Math.max(1, Math.floor(gray.height / ratio))] as const
    const isWhole = gray.width === pixels.width && gray.height === pixels.height
    if (isWhole && pixels.channels >= 3) {
      const [red, green, blue] = [0, 1, 2].map(
        (offset) => resizePlane(pixels, size, bicubic, { step: pixels.channels, offset }).data,
      )
      small = { data: red!.map((r, i) => grayOf(r, green![i]!, blue![i]!)), width: size[0], height: size[1] }
    } else small = resizePlane(gray, size, bicubic)
    edges = measureEdges(small)
  }
  const histogram = new Uint32Array(256)
  for (let i = 0; i < small.data.length; i++) histogram[small.data[i]!]!++
  const mean = small.data.length / 256
  let squares = 0
  for (let value = 0; value < 256; value++) squares += (histogram[value]! - mean) ** 2
  const spread = 1 - Math.exp(-0.01 * Math.sqrt(squares / 256))
  return Math.min(1, 1 - Math.exp(-0.01 * edges) + (spread <= 0.18 ? 0 : spread))
}

/**
 * A plane small enough to be resampled quickly: pictures whose shorter side is 1024 px or more are first averaged over whole
 * blocks, down to no less than 512 px, which a following reduction to 64 px or fewer does not see.
 */
export function reduceGray(gray: GrayPlane): GrayPlane {
  const factor = Math.floor(Math.min(gray.width, gray.height) / keptSidePx)
  return factor < 2 ? gray : shrinkGray(gray, factor)
}
