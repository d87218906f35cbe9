/** As cleanlab's segmentation has it. */
const temperature = 0.1

/**
 * Quality of the classes of the pixels of a picture, 0 to 1, low worse: the softmin (temperature 0.1) of p(given) over all pixels, as
 * cleanlab's segmentation; and the share of pixels whose class has a probability below 0.5. Both for at least one pixel.
 */
export function scorePixels(givenProbability: ArrayLike<number>): { quality: number; doubted: number } {
  const count = givenProbability.length
  let weights = 0
  let sum = 0
  let doubted = 0
  for (let i = 0; i < count; i++) {
    const p = givenProbability[i]!
    const weight = Math.exp((1 - p) / temperature)
    weights += weight
    sum += weight * p
    if (p < 0.5) doubted++
  }
  return { quality: sum / weights, doubted: doubted / count }
}

export interface PixelClass {
  class: string
  /** 1 where it is, row by row. */
  covered: Uint8Array
  /** Probability of the class in what it covers. */
  score: number
}

/**
 * p(given) of every pixel. What covers a pixel in `given` is its class, background where nothing does; of several, the likeliest. A class has in a pixel
 * the highest score of its predictions there, scaled where they sum to more than 1; background has what is left of 1.
 */
export function givenProbabilities(
  given: readonly Omit<PixelClass, 'score'>[],
  predictions: readonly PixelClass[],
  pixels: number,
): Float32Array {
  const maps = new Map<string, Float32Array>()
  const total = new Float32Array(pixels)
  for (const { class: name, covered, score } of predictions) {
    const map = maps.get(name) ?? new Float32Array(pixels)
    maps.set(name, map)
    for (let i = 0; i < pixels; i++) if (covered[i] === 1 && map[i]! < score) map[i] = score
  }
  for (const map of maps.values()) for (let i = 0; i < pixels; i++) total[i]! += map[i]!
  const found = new Float32Array(pixels).fill(-1)
  for (const { class: name, covered } of given) {
    const map = maps.get(name)
    for (let i = 0; i < pixels; i++) {
      if (covered[i] !== 1) continue
      const p = map === undefined ? 0 : map[i]! / Math.max(1, total[i]!)
      if (found[i]! < p) found[i] = p
    }
  }
  for (let i = 0; i < pixels; i++) if (found[i]! < 0) found[i] = Math.max(0, 1 - total[i]!)
  return found
}
