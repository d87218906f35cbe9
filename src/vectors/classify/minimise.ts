import { throwIfAborted } from '#base'

/** Value of a function and its gradient at a point; the gradient may be overwritten by the next call. */
export type Objective = (point: Float64Array) => Promise<{ value: number; gradient: Float64Array }>

export interface MinimiseOptions {
  iterations: number
  /** Ends when no part of the gradient is larger. */
  tolerance: number
  signal?: AbortSignal | undefined
}

/** Pairs of steps and differences of gradients that stand for the curvature. */
const memory = 10
/** Share of the decrease that the slope promises (Armijo). */
const enough = 1e-4

/** Minimises a smooth convex function from `start` by L-BFGS (Nocedal & Wright, algorithm 7.4) with backtracking. */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  { iterations, tolerance, signal }: MinimiseOptions,
): Promise<Float64Array> {
  let point: Float64Array = start.slice()
  let { value, gradient } = copyOf(await objective(point))
  const pairs: { step: Float64Array; change: Float64Array; rho: number }[] = []
  for (let i = 0; i < iterations && largest(gradient) > tolerance; i++) {
    throwIfAborted(signal)
    const direction = findDirection(gradient, pairs)
    const slope = dot(direction, gradient)
    let size = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    let next = await stepTo(size)
    for (let tries = 0; !(next.value <= value + enough * size * slope) && tries < 20; tries++) {
      size /= 2
      next = await stepTo(size)
    }
    if (!(next.value < value)) break
    const step = next.point.map((one, at) => one - point[at]!)
    const change = next.gradient.map((one, at) => one - gradient[at]!)
    const curvature = dot(step, change)
    if (curvature > 1e-12 * dot(change, change)) {
      pairs.push({ step, change, rho: 1 / curvature })
      if (pairs.length > memory) pairs.shift()
    }
    ;({ point, value, gradient } = next)

    async function stepTo(length: number): Promise<{ point: Float64Array; value: number; gradient: Float64Array }> {
      const there = point.map((one, at) => one + length * direction[at]!)
      return { point: there, ...copyOf(await objective(there)) }
    }
  }
  return point
}

/** Two-loop recursion: minus the inverse curvature times the gradient. */
function findDirection(
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; rho: number }[],
): Float64Array {
  const direction = gradient.map((one) => -one)
  const weights: number[] = []
  for (const { step, change, rho } of pairs.toReversed()) {
    const weight = rho * dot(step, direction)
    weights.push(weight)
    addTo(direction, change, -weight)
  }
  const newest = pairs.at(-1)
  if (newest !== undefined) {
    const scale = 1 / (newest.rho * dot(newest.change, newest.change))
    for (let at = 0; at < direction.length; at++) direction[at]! *= scale
  }
  for (const { step, change, rho } of pairs) addTo(direction, step, weights.pop()! - rho * dot(change, direction))
  return direction
}

function copyOf({ value, gradient }: { value: number; gradient: Float64Array }): {
  value: number
  gradient: Float64Array
} {
  return { value, gradient: gradient.slice() }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!
  return sum
}

function addTo(target: Float64Array, source: Float64Array, weight: number): void {
  for (let at = 0; at < target.length; at++) target[at]! += weight * source[at]!
}

function largest(values: Float64Array): number {
  let most = 0
  for (const one of values) most = Math.max(most, Math.abs(one))
  return most
}
