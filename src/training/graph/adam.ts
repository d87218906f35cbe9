/** Weights by name, and what Adam remembers of each. */
export interface Weights {
  readonly [name: string]: { readonly dims: readonly number[]; readonly data: Float32Array }
}

export interface AdamState {
  step: number
  /** Running means of gradients and of their squares, by name. */
  first: Record<string, Float32Array>
  second: Record<string, Float32Array>
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]

export function startAdam(weights: Weights): AdamState {
  const zeros = (): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(weights).map(([name, { data }]) => [name, new Float32Array(data.length)]))
  return { step: 0, first: zeros(), second: zeros() }
}

/**
 * One step of Adam with decoupled weight decay (Loshchilov & Hutter 2019, AdamW) on the weights in place; biases, which have one size,
 * do not decay. Gradients whose norm, all together, is above `clip` are scaled down to it. Answers with that norm before.
 */
export function stepAdam(
  weights: Weights,
  gradients: Readonly<Record<string, Float32Array>>,
  state: AdamState,
  { rate, decay, clip }: { rate: number; decay: number; clip: number },
): number {
  let squares = 0
  for (const name of Object.keys(weights)) for (const each of gradients[name]!) squares += each * each
  const norm = Math.sqrt(squares)
  const scale = norm > clip ? clip / norm : 1
  state.step++
  const [unbias1, unbias2] = [1 - beta1 ** state.step, 1 - beta2 ** state.step]
  for (const [name, { dims, data }] of Object.entries(weights)) {
    const [gradient, first, second] = [gradients[name]!, state.first[name]!, state.second[name]!]
    const shrink = dims.length > 1 ? 1 - rate * decay : 1
    for (let i = 0; i < data.length; i++) {
      const g = gradient[i]! * scale
      const m = (first[i] = beta1 * first[i]! + (1 - beta1) * g)
      const v = (second[i] = beta2 * second[i]! + (1 - beta2) * g * g)
      data[i] = data[i]! * shrink - (rate * (m / unbias1)) / (Math.sqrt(v / unbias2) + epsilon)
    }
  }
  return norm
}

/** Rises over the first `warmup` steps, then falls along a cosine to 0 at `steps`; a factor in [0, 1]. */
export function cosineRate(step: number, { steps, warmup }: { steps: number; warmup: number }): number {
  return Math.min(1, (step + 1) / warmup) * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, steps)) / steps))
}
