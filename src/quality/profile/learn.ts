import type { Severity } from '#contract'
import { FoveaError, throwIfAborted } from '#base'
import type { CheckContext, CheckKind, Looked } from '../types.ts'

/** A check of the suite to be written. */
export interface LearnedCheck {
  name: string
  /** Given in the file; empty takes the defaults. */
  parameters: Record<string, unknown>
  severity?: Severity
  /** Sentences that say what was seen and why the bound is where it is. */
  why: string[]
}

export interface LeftOut {
  name: string
  why: string
}

/**
 * Checks for what is a fault wherever it is found: their bounds are not moved to where the data happen to be, so that the first
 * run shows what is there to mend.
 */
const faults: ReadonlySet<string> = new Set([
  'exact-duplicates',
  'leaks',
  'label-outside',
  'label-empty',
  'label-duplicates',
  'polygon-crossing',
  'unreadable',
  'lineage',
  'freshness',
  'spurious-correlation',
  'source-difference',
  'split-balance',
])

/** Runs a kind with its defaults and learns its bound from what it saw. */
export async function learnCheck(kind: CheckKind, context: CheckContext): Promise<LearnedCheck | LeftOut> {
  const defaults = kind.parameters.safeParse({})
  if (!defaults.success) return { name: kind.name, why: 'it needs parameters of your own' }
  let looked: Looked
  try {
    looked = await kind.look(context, defaults.data)
  } catch (caught) {
    throwIfAborted(context.signal)
    if (!(caught instanceof FoveaError) || caught.code === 'CANCELLED') throw caught
    return { name: kind.name, why: caught.message }
  }
  if (looked.looked === 0) return { name: kind.name, why: looked.message }
  const seen = `Seen: ${looked.message}`
  const chose = faults.has(kind.name) ? undefined : looked.chose
  // A bound says little of what is measured in another way.
  const kept = chose === undefined ? [] : [`Measured ${describeChoice(chose)}, and so from now on.`]
  if (!looked.broken) return { name: kind.name, parameters: { ...chose }, why: [seen, ...kept] }
  const asked = looked.query === null ? [] : [`fovea query '${looked.query}'`].filter((text) => text.length <= 160)
  if (faults.has(kind.name))
    return { name: kind.name, parameters: {}, why: [seen, ...asked, 'To be mended: the bound stays.'] }
  const parameters = moveBound(defaults.data, looked)
  if (parameters === undefined) return { name: kind.name, parameters: { ...chose }, why: [seen, ...asked, ...kept] }
  const why = [seen, ...asked, ...kept, 'The bound is what was seen and some room.']
  return { name: kind.name, parameters: { ...chose, ...parameters }, why }
}

/** "by hash", "by embedding, space main, threshold 0.95" */
function describeChoice(chose: NonNullable<Looked['chose']>): string {
  return Object.entries(chose)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/** The bound moved to what was seen, with room for the play of chance; undefined where the kind has none to move. */
function moveBound(defaults: Record<string, unknown>, looked: Looked): Record<string, unknown> | undefined {
  const { value } = looked
  if (value === null) return undefined
  if (typeof defaults['max_share'] === 'number') return { max_share: shareWithRoom(value, looked.looked) }
  if (typeof defaults['max_ratio'] === 'number') return { max_ratio: roundUp(value * 1.25) }
  if (typeof defaults['max_found'] === 'number') return { max_found: looked.found }
  return undefined
}

/** Two standard errors of a share, and one more of those looked at, above what was seen; 0 to 1. */
export function shareWithRoom(share: number, looked: number): number {
  return Math.min(1, roundUp(share + 2 * Math.sqrt((share * (1 - share)) / looked) + 1 / looked))
}

/** To two significant digits, upwards. */
export function roundUp(value: number): number {
  if (value <= 0) return 0
  const step = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Number((Math.ceil(value / step - 1e-9) * step).toPrecision(2))
}

/** To two significant digits, downwards. */
export function roundDown(value: number): number {
  if (value <= 0) return 0
  const step = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Number((Math.floor(value / step + 1e-9) * step).toPrecision(2))
}
