/** Closeness in the layout at distance x is 1 / (1 + a·x^(2b)). */
export interface Curve {
  a: number
  b: number
}

const points = 300

/**
 * The curve nearest, in squares, to 1 up to `minDist` and exp(−(x − minDist)/spread) beyond, over 300 distances from 0 to three spreads
 * (McInnes, Healy & Melville 2018, section 3.2; find_ab_params of umap-learn), by Levenberg-Marquardt from a = b = 1.
 */
export function fitCurve(minDist: number, spread: number): Curve {
  const xs = Float64Array.from({ length: points }, (_, i) => (i * spread * 3) / (points - 1))
  const ys = xs.map((x) => (x < minDist ? 1 : Math.exp(-(x - minDist) / spread)))
  let curve: Curve = { a: 1, b: 1 }
  let best = linearize(curve, xs, ys)
  let damping = 1e-3
  for (let step = 0; step < 200 && damping < 1e12; step++) {
    const { aa, ab, bb, ga, gb } = best
    const p = aa * (1 + damping)
    const q = bb * (1 + damping)
    const determinant = p * q - ab * ab
    const next = { a: curve.a + (q * ga - ab * gb) / determinant, b: curve.b + (p * gb - ab * ga) / determinant }
    const tried = next.a > 0 && next.b > 0 ? linearize(next, xs, ys) : undefined
    if (tried && tried.error <= best.error) {
      const settled = Math.abs(next.a - curve.a) + Math.abs(next.b - curve.b) < 1e-12
      curve = next
      best = tried
      damping /= 10
      if (settled) break
    } else damping *= 10
  }
  return curve
}

/** Squared error, JᵀJ and Jᵀ·residual of the curve at the given points. */
function linearize({ a, b }: Curve, xs: Float64Array, ys: Float64Array) {
  const sums = { error: 0, aa: 0, ab: 0, bb: 0, ga: 0, gb: 0 }
  for (let i = 0; i < points; i++) {
    const x = xs[i]!
    const power = x > 0 ? x ** (2 * b) : 0
    const value = 1 / (1 + a * power)
    const residual = ys[i]! - value
    const byA = -power * value * value
    const byB = x > 0 ? byA * a * 2 * Math.log(x) : 0
    sums.error += residual * residual
    sums.aa += byA * byA
    sums.ab += byA * byB
    sums.bb += byB * byB
    sums.ga += byA * residual
    sums.gb += byB * residual
  }
  return sums
}
