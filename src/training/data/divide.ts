import { FoveaError, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import { collectSamples, type CollectRequest, type DataDeps, type Learnable } from './collect.ts'
import { tellLeaks, type LeakDeps } from './leaks.ts'

/** Divides samples by chance so that groups stay whole and strata keep their shares: 0 to learn from, 1 held out. Throws FIELD_NOT_FOUND. */
export type Divide = (
  dataset: DatasetRef,
  request: { ids: readonly number[]; strata: readonly string[]; group: string; heldOut: number; seed: number },
  context: CallContext,
) => Promise<ArrayLike<number>>

export interface DivideRequest extends CollectRequest {
  validation: number | string | undefined
  group: string
  seed: number
}

export interface Divided {
  train: Learnable[]
  validation: Learnable[]
  by: 'query' | 'split' | 'chance'
  /** That was held out, where splits divide. */
  split?: string
  notes: string[]
}

const defaultShare = 0.2
const validationNames = ['val', 'valid', 'validation']

/** What dividing works with. */
export type DivideDeps = DataDeps & LeakDeps & { divide: Divide }

/**
 * Divides the collected samples into what is learnt from and what is held out: by a query, by the splits that the samples have, or by chance
 * with groups kept whole. What is named by a query or split is taken as it is; what of it is learnt from too is told.
 */
export async function divideSamples(
  deps: DivideDeps,
  samples: readonly Learnable[],
  request: DivideRequest,
  context: CallContext,
): Promise<Divided> {
  const { validation, dataset, group, seed, task } = request
  const share = readShare(validation)
  if (typeof validation === 'string' && share === undefined) {
    const held = await collectSamples(deps, { ...request, query: validation }, context.signal)
    const taken = new Set(held.samples.map(({ example }) => example.id))
    const divided: Divided = {
      train: samples.filter(({ example }) => !taken.has(example.id)),
      validation: held.samples,
      by: 'query',
      notes: held.skipped > 0 ? [`${held.skipped} samples held out lack what ${task} needs and were left out.`] : [],
    }
    return withLeaks(deps, divided, request, context)
  }
  const bySplit = share === undefined ? divideBySplit(samples) : undefined
  if (bySplit !== undefined) return withLeaks(deps, bySplit, request, context)
  const sides = await deps.divide(
    dataset,
    {
      ids: samples.map(({ example }) => example.id),
      strata: task === 'regression' ? binValues(samples) : samples.map(({ stratum }) => stratum),
      group,
      heldOut: share ?? defaultShare,
      seed,
    },
    context,
  )
  return {
    train: samples.filter((_, i) => sides[i] !== 1),
    validation: samples.filter((_, i) => sides[i] === 1),
    by: 'chance',
    notes: [],
  }
}

async function withLeaks(
  deps: LeakDeps,
  divided: Divided,
  { dataset, group }: DivideRequest,
  context: CallContext,
): Promise<Divided> {
  const [train, heldOut] = [divided.train, divided.validation].map((part) => part.map(({ example }) => example.id)) as [
    number[],
    number[],
  ]
  const leaks = await tellLeaks(deps, dataset, { train, heldOut, group }, context)
  return leaks === undefined ? divided : { ...divided, notes: [...divided.notes, leaks] }
}

/** A number, or text that is one; undefined for a query and for nothing. */
function readShare(validation: number | string | undefined): number | undefined {
  if (typeof validation !== 'string') return validation
  if (!/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(validation)) return undefined
  const share = Number(validation)
  if (share > 0 && share < 1) return share
  throw new FoveaError('INPUT_INVALID', `Expected a share above 0 and below 1 to hold out, got ${validation}.`, {
    hint: 'For example --validation 0.2, or a query: --validation \'split = "val"\'.',
  })
}

function divideBySplit(samples: readonly Learnable[]): Divided | undefined {
  const names = new Set(samples.map(({ split }) => split))
  const held = validationNames.find((name) => names.has(name))
  if (held === undefined || !names.has('train')) return undefined
  const train = samples.filter(({ split }) => split === 'train')
  const validation = samples.filter(({ split }) => split === held)
  const others = samples.length - train.length - validation.length
  return {
    train,
    validation,
    by: 'split',
    split: held,
    notes: [
      `Learnt from split train and held out split ${held}.`,
      ...(others > 0 ? [`${others} samples of other splits were not looked at.`] : []),
    ],
  }
}

/** Fifths by value, so that both parts have low and high ones. */
function binValues(samples: readonly Learnable[]): string[] {
  const order = [...samples.keys()].toSorted((a, b) => samples[a]!.example.value! - samples[b]!.example.value!)
  const bins: string[] = Array.from({ length: samples.length })
  order.forEach((row, rank) => (bins[row] = String(Math.floor((rank * 5) / samples.length))))
  return bins
}
