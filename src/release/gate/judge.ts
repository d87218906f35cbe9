import type { Gate, GateOutcome } from '#contract'
import { createRng, FoveaError, type CallContext } from '#base'
import type { DatasetRef, MediaRow } from '#catalog'
import { bootstrap, compareJudged, judgeModel, type JudgedModel } from '#evaluation'
import type { ModelVersion } from '#models'
import type { ReleaseDeps } from '../deps.ts'
import { openCorrupted } from '../robustness/open-corrupted.ts'
import { judgeBound, show } from './describe.ts'

export interface Judging {
  gate: Gate
  version: ModelVersion
  dataset: DatasetRef
  ids: readonly number[]
  rows: readonly MediaRow[]
}

/** Figures of which less is better, whatever the task. */
const lowerIsBetter = new Set(['mae', 'rmse', 'ece', 'calibrationError', 'meanError'])

const planOf = ({ gate, version, dataset, ids }: Judging, stage: string): Parameters<typeof judgeModel>[1] => ({
  dataset,
  ids,
  truth: gate.layer,
  version,
  layer: null,
  minScore: undefined,
  normal: ['free', 'good', 'normal', 'ok'],
  stage,
})

/** Whether a gate asks for figures at all. */
export const needsFigures = ({ metrics, slices, champion, robustness }: Gate): boolean =>
  Object.keys(metrics).length > 0 || slices.length > 0 || champion !== undefined || robustness.length > 0

/** Runs a version over the samples of a gate. `stage` is told as progress. */
export const judgeVersion = (
  deps: ReleaseDeps,
  judging: Judging,
  context: CallContext,
  stage = 'judge',
): Promise<JudgedModel> => judgeModel(deps, planOf(judging, stage), context)

/** 95 % intervals of the figures. */
export const intervalsOf = ({ judged }: JudgedModel): ReturnType<typeof bootstrap> =>
  bootstrap(judged.measure, judged.ids.length, { rng: createRng('gate'), rounds: 1_000 })

/** Figures of all samples, or of those among them. */
export function figuresOf({ judged }: JudgedModel, among?: ReadonlySet<number>): Record<string, number | null> {
  const weights = Float64Array.from(judged.ids, (id) => Number(among === undefined || among.has(id)))
  return { ...judged.measure(weights), ...(among === undefined ? judged.extra : {}) }
}

export const judgeMetrics = (gate: Gate, figures: Record<string, number | null>): GateOutcome[] =>
  Object.entries(gate.metrics).map(([name, bound]) => judgeBound('metric', name, name, figures, bound, null))

export async function judgeSlices(
  { catalog }: Pick<ReleaseDeps, 'catalog'>,
  { gate, dataset }: Judging,
  one: JudgedModel,
): Promise<GateOutcome[]> {
  const outcomes: GateOutcome[] = []
  for (const slice of gate.slices) {
    const inside = new Set(await catalog.idsOf(dataset, { query: slice.where }))
    const samples = one.judged.ids.filter((id) => inside.has(id)).length
    if (samples < slice.minSamples) {
      outcomes.push({
        kind: 'slice',
        name: slice.name,
        passed: false,
        expected: `≥ ${slice.minSamples} samples`,
        found: `${samples} samples`,
        query: slice.where,
      })
      continue
    }
    const figures = figuresOf(one, inside)
    for (const [name, bound] of Object.entries(slice.metrics))
      outcomes.push(judgeBound('slice', `${slice.name}: ${name}`, name, figures, bound, slice.where))
  }
  return outcomes
}

/** What was lost against the version at an alias, in pairs over the same samples. */
export async function judgeChampion(
  deps: ReleaseDeps,
  judging: Judging,
  one: JudgedModel,
  context: CallContext,
): Promise<GateOutcome[]> {
  const { gate, version } = judging
  if (gate.champion === undefined) return []
  const { alias, metrics } = gate.champion
  const reference = `${version.model}@${alias}`
  const standing = await (await deps.registry()).load(reference).catch((error: unknown) => {
    if (error instanceof FoveaError && error.code === 'MODEL_NOT_FOUND') return undefined
    throw error
  })
  const none = standing === undefined ? `nothing stands at ${reference}` : `${reference} is this version`
  if (standing === undefined || standing.version === version.version)
    return Object.entries(metrics).map(([name, { drop }]) => ({
      kind: 'champion',
      name,
      passed: true,
      expected: describeDrop(drop),
      found: none,
      query: null,
    }))
  const other = await judgeModel(deps, { ...planOf(judging, reference), version: standing }, context)
  const compared = await compareJudged(other.judged, one.judged, { seed: 0, rounds: 1_000, signal: context.signal })
  return Object.entries(metrics).map(([name, { drop }]) => {
    const figure = compared[name]
    const isLower = lowerIsBetter.has(name) || (name === one.judged.main && one.judged.lowerIsBetter)
    const worst = isLower ? (figure?.high ?? null) : (figure?.low ?? null)
    return {
      kind: 'champion',
      name: `${name} against ${reference} (${standing.model}:${standing.version})`,
      passed: worst !== null && (isLower ? worst <= drop : worst >= -drop),
      expected: describeDrop(drop),
      found:
        figure === undefined
          ? `there is no figure ${name}; there are ${Object.keys(compared).join(', ')}`
          : figure.difference === null
            ? 'not measurable on these samples'
            : `${show(figure.before!)} → ${show(figure.after!)}, difference ${show(figure.difference)}${
                figure.low === null ? '' : ` (95 %: ${show(figure.low)} to ${show(figure.high!)})`
              }`,
      query: null,
    }
  })
}

const describeDrop = (drop: number): string => `at most ${show(drop)} worse, with 95 % certainty`

/** The same figures on pictures made worse. */
export async function judgeRobustness(
  deps: ReleaseDeps,
  judging: Judging,
  figures: Record<string, number | null>,
  context: CallContext,
): Promise<GateOutcome[]> {
  const outcomes: GateOutcome[] = []
  for (const { corruption, severity, metrics } of judging.gate.robustness) {
    const name = `${corruption} ${severity}`
    const worse = await judgeModel(
      { ...deps, openModel: (folder) => openCorrupted(deps, folder, { corruption, severity }) },
      planOf(judging, name),
      context,
    )
    const found = figuresOf(worse)
    for (const [figure, { min, drop }] of Object.entries(metrics)) {
      if (min !== undefined) outcomes.push(judgeBound('robustness', `${name}: ${figure}`, figure, found, { min }, null))
      if (drop === undefined) continue
      const before = figures[figure]
      const isLower = lowerIsBetter.has(figure) || (figure === worse.judged.main && worse.judged.lowerIsBetter)
      const bound = typeof before !== 'number' ? {} : isLower ? { max: before + drop } : { min: before - drop }
      outcomes.push(
        typeof before === 'number'
          ? judgeBound('robustness', `${name}: ${figure} from ${show(before)}`, figure, found, bound, null)
          : judgeBound('robustness', `${name}: ${figure}`, figure, figures, { min: 0 }, null),
      )
    }
  }
  return outcomes
}
