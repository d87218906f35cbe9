import type { GateOutcome } from '#contract'

export interface Bound {
  min?: number | undefined
  max?: number | undefined
}

/** A figure as people read it: four digits that count, trailing zeros left out. */
export const show = (value: number): string => String(Number(value.toPrecision(4)))

export const describeBound = ({ min, max }: Bound): string =>
  min !== undefined && max !== undefined
    ? `${show(min)} to ${show(max)}`
    : min === undefined
      ? `≤ ${show(max!)}`
      : `≥ ${show(min)}`

/** A figure that is missing meets no bound. */
const meets = (value: number | null | undefined, { min, max }: Bound): boolean =>
  typeof value === 'number' && (min === undefined || value >= min) && (max === undefined || value <= max)

/** Outcome of one figure under one bound. `known` lists figures that there are, for a name that is none of them. */
export function judgeBound(
  kind: GateOutcome['kind'],
  name: string,
  figure: string,
  figures: Readonly<Record<string, number | null>>,
  bound: Bound,
  query: string | null,
): GateOutcome {
  const value = figures[figure]
  return {
    kind,
    name,
    passed: meets(value, bound),
    expected: describeBound(bound),
    found:
      value === undefined
        ? `there is no figure ${figure}; there are ${Object.keys(figures).join(', ')}`
        : value === null
          ? 'not measurable on these samples'
          : show(value),
    query,
  }
}
