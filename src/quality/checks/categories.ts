import type { Looked } from '../types.ts'
import { findWhole, judgeFigure, sawNothing, showCount, showNumber, shownFindings } from './looked.ts'
import { drawBars } from './plots.ts'
import { measureCramersV } from './statistics/distances.ts'

const barsShown = 20
export const driftHint = 'Look at what changed in taking the pictures, or train on data like this.'

/** How often a value occurs. */
export interface Counted {
  value: string
  count: number
}

/** Drift of counts against those of a reference by Cramér's V. */
export function judgeCategories(
  mine: readonly Counted[],
  theirs: readonly Counted[],
  { of, unit, allowed }: { of: string; unit: string; allowed: number },
): Looked {
  const names = [...new Set([...mine, ...theirs].map(({ value }) => value))]
  const countsOf = (rows: readonly Counted[]): number[] => {
    const counts = new Map(rows.map(({ value, count }) => [value, count]))
    return names.map((name) => counts.get(name) ?? 0)
  }
  const [own, other] = [countsOf(mine), countsOf(theirs)]
  const [looked, against] = [sum(own), sum(other)]
  if (looked === 0 || against === 0)
    return sawNothing(unit, `${looked === 0 ? 'The scope' : 'The reference'} has no ${of} to compare.`)
  // One and the same value throughout is no drift.
  const value = names.length < 2 ? 0 : measureCramersV([own, other])
  const moved = names
    .map((name, i) => ({ name, by: own[i]! / looked - other[i]! / against }))
    .toSorted((a, b) => Math.abs(b.by) - Math.abs(a.by) || a.name.localeCompare(b.name))
  const shown = moved.slice(0, barsShown).map(({ name }) => names.indexOf(name))
  return judgeFigure({
    unit,
    looked,
    found: value > allowed ? looked : 0,
    value,
    allowed,
    message: `${of} of ${showCount(looked, unit)} lies ${showNumber(value)} (Cramér’s V) from the reference; up to ${allowed} is no drift.`,
    query: null,
    findings:
      value > allowed
        ? moved
            .slice(0, shownFindings)
            .filter(({ by }) => by !== 0)
            .map(({ name, by }) =>
              findWhole(
                `${name} has ${showNumber(Math.abs(by) * 100)} percentage points ${by > 0 ? 'more' : 'less'} than in the reference`,
                by,
              ),
            )
        : [],
    plot: drawBars(
      of,
      'share',
      shown.map((i) => names[i]!),
      shown.map((i) => own[i]! / looked),
      shown.map((i) => other[i]! / against),
    ),
    hint: driftHint,
  })
}

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0)
