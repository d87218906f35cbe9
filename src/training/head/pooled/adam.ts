/** Averages of AdamW over one array of weights. */
export interface Moments {
  first: Float32Array
  second: Float32Array
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]

export const startMoments = (length: number): Moments => ({
  first: new Float32Array(length),
  second: new Float32Array(length),
})

/** One step of AdamW (Loshchilov & Hutter 2019, algorithm 2) in place; `step` counts from 1. */
export function stepAdam(
  weights: Float32Array,
  gradient: Float32Array,
  { first, second }: Moments,
  { step, rate, decay }: { step: number; rate: number; decay: number },
): void {
  const scale1 = 1 / (1 - beta1 ** step)
  const scale2 = 1 / (1 - beta2 ** step)
  for (let i = 0; i < weights.length; i++) {
    const slope = gradient[i]!
    const m = beta1 * first[i]! + (1 - beta1) * slope
    const v = beta2 * second[i]! + (1 - beta2) * slope * slope
    first[i] = m
    second[i] = v
    weights[i]! -= rate * ((m * scale1) / (Math.sqrt(v * scale2) + epsilon) + decay * weights[i]!)
  }
}

/** Rises for the first twentieth of the steps, then falls to 0 as a cosine (Loshchilov & Hutter 2017). `step` counts from 1. */
export function rateAt(step: number, steps: number, highest: number): number {
  const rise = Math.max(1, Math.round(steps / 20))
  if (step <= rise) return (highest * step) / rise
  return (highest * (1 + Math.cos((Math.PI * (step - rise)) / Math.max(1, steps - rise)))) / 2
}
