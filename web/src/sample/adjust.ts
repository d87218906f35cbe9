/** How the picture is shown; the file stays as it is. */
export interface Adjustment {
  /** Factor, 0..3. */
  brightness: number
  /** Factor about the middle, 0..4. */
  contrast: number
  /** 0.2..5; above 1 lightens what is dark. */
  gamma: number
  channel: 'rgb' | 'r' | 'g' | 'b'
  invert: boolean
}

export const neutral: Adjustment = { brightness: 1, contrast: 1, gamma: 1, channel: 'rgb', invert: false }

export function isNeutral(adjustment: Adjustment): boolean {
  return (Object.keys(neutral) as (keyof Adjustment)[]).every((key) => adjustment[key] === neutral[key])
}

/** One step of an SVG filter: feColorMatrix, or feComponentTransfer of the same function for red, green and blue. */
export type FilterStep =
  | { kind: 'matrix'; values: readonly number[] }
  | { kind: 'linear'; slope: number; intercept: number }
  | { kind: 'gamma'; exponent: number }

/** The steps of an SVG filter in sRGB: channel, inversion, brightness and contrast, gamma (Filter Effects Module Level 1, 9.7 and 9.8). */
export function listFilterSteps({ brightness, contrast, gamma, channel, invert }: Adjustment): FilterStep[] {
  const steps: FilterStep[] = []
  if (channel !== 'rgb') {
    const row = [channel === 'r' ? 1 : 0, channel === 'g' ? 1 : 0, channel === 'b' ? 1 : 0, 0, 0]
    steps.push({ kind: 'matrix', values: [...row, ...row, ...row, 0, 0, 0, 1, 0] })
  }
  if (invert) steps.push({ kind: 'linear', slope: -1, intercept: 1 })
  if (brightness !== 1 || contrast !== 1)
    steps.push({ kind: 'linear', slope: brightness * contrast, intercept: 0.5 - 0.5 * contrast })
  if (gamma !== 1) steps.push({ kind: 'gamma', exponent: 1 / gamma })
  return steps
}
