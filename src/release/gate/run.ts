import { join } from 'node:path'
import { runGate as spec, type Gate, type GateEvidence, type GateOutcome, type Report } from '#contract'
import { FoveaError, implement, throwIfAborted, type CallContext, type Operation } from '#base'
import { describeJudged, recordRun } from '#evaluation'
import type { ModelRegistry, ModelVersion } from '#models'
import type { ReleaseDeps } from '../deps.ts'
import { compareGolden } from '../golden/answer.ts'
import { askGolden } from '../golden/ask.ts'
import { readGolden } from '../golden/store.ts'
import { show } from './describe.ts'
import {
  figuresOf,
  judgeChampion,
  judgeMetrics,
  judgeRobustness,
  judgeSlices,
  judgeVersion,
  needsFigures,
  type Judging,
} from './judge.ts'
import { judgeLatency } from './latency.ts'
import { judgeLeakage } from './leakage.ts'
import { chooseGate, loadGateFile } from './read-file.ts'

export const gateFileName = 'fovea.gates.yaml'
/** Attached to the version, one for each gate. */
const evidenceName = (gate: string): string => `gate-${gate}.json`

/** Handler of gate.run. Every part of the gate is held, also after one was missed; only a fault of the call ends it. */
export function createGateOperation(deps: ReleaseDeps): Operation {
  return implement(spec, async (input, context) => {
    const file = input.file ?? join(deps.folder, gateFileName)
    const { name, gate } = chooseGate(file, await loadGateFile(file), input.gate)
    const registry = await deps.registry()
    const version = await registry.load(input.model)
    const reference = `${version.model}:${version.version}`
    const dataset = await deps.catalog.resolveDataset(input.dataset ?? gate.dataset ?? version.data?.dataset)
    const ids = await deps.catalog.idsOf(dataset, { query: gate.data })
    if (ids.length === 0)
      throw new FoveaError('INPUT_INVALID', `No sample of ${dataset.name} meets ${JSON.stringify(gate.data)}.`, {
        hint: `Correct data of the gate ${name} in ${file}; a gate never passes because it had nothing to look at.`,
      })
    const rows = await deps.catalog.mediaOf(dataset, ids)
    const about = { dataset: dataset.name, query: gate.data, truth: gate.layer }
    return recordRun(
      await deps.runs(),
      {
        kind: 'gate',
        name: `${reference} at ${name}`,
        actor: context.actor,
        params: { gate: name, file },
        data: describeJudged(rows, about),
        call: { operation: spec.id, input },
      },
      async (run) => {
        await run.update({ model: reference })
        const { outcomes, figures } = await holdAll(deps, { gate, version, dataset, ids, rows }, context)
        const metrics = Object.fromEntries(
          Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
        )
        if (Object.keys(metrics).length > 0) await run.logMetrics(metrics)
        const evidence: GateEvidence = {
          gate: name,
          model: reference,
          passed: outcomes.length > 0 && outcomes.every(({ passed }) => passed),
          at: new Date(deps.clock.now()).toISOString(),
          dataset: dataset.name,
          query: gate.data,
          samples: ids.length,
          metrics,
          outcomes,
          run: run.id,
        }
        await run.update({ tags: { gate: name, passed: String(evidence.passed) } })
        await registry.attach(reference, evidenceName(name), `${JSON.stringify(evidence, null, 2)}\n`)
        return evidence
      },
    )
  })
}

async function holdAll(
  deps: ReleaseDeps,
  judging: Judging,
  context: CallContext,
): Promise<{ outcomes: GateOutcome[]; figures: Record<string, number | null> }> {
  const { gate, version, dataset, ids, rows } = judging
  const outcomes: GateOutcome[] = []
  let figures: Record<string, number | null> = {}
  if (gate.size !== undefined) outcomes.push(judgeSize(version, gate.size))
  for (const suite of gate.checks) outcomes.push(await judgeSuite(deps, judging, suite, context))
  if (gate.leakage !== undefined)
    outcomes.push(await judgeLeakage(deps, { version, dataset, ids, leakage: gate.leakage }, context))
  throwIfAborted(context.signal)
  if (gate.golden !== undefined)
    outcomes.push(...(await judgeGolden(deps, await deps.registry(), version, gate.golden)))
  if (needsFigures(gate)) {
    const one = await judgeVersion(deps, judging, context)
    figures = figuresOf(one)
    outcomes.push(...judgeMetrics(gate, figures), ...(await judgeSlices(deps, judging, one)))
    outcomes.push(...(await judgeChampion(deps, judging, one, context)))
    outcomes.push(...(await judgeRobustness(deps, judging, figures, context)))
  }
  if (gate.latency !== undefined)
    outcomes.push(...(await judgeLatency(deps, { folder: version.folder, rows, latency: gate.latency }, context)))
  return { outcomes, figures }
}

function judgeSize({ files }: ModelVersion, { maxMb }: NonNullable<Gate['size']>): GateOutcome {
  const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
  return {
    kind: 'size',
    name: `${files.length} files`,
    passed: megabytes <= maxMb,
    expected: `≤ ${show(maxMb)} MB`,
    found: `${show(megabytes)} MB`,
    query: null,
  }
}

async function judgeSuite(
  { callOperation }: ReleaseDeps,
  { gate, dataset }: Judging,
  suite: string,
  context: CallContext,
): Promise<GateOutcome> {
  const report = (await callOperation(
    'check.run',
    { dataset: dataset.name, suite, ...(gate.data === '' ? {} : { scope: gate.data }) },
    context,
  )) as Report
  return {
    kind: 'checks',
    name: suite,
    passed: report.gate,
    expected: 'passes',
    found: `${report.id}: ${Object.entries(report.counts)
      .filter(([, count]) => count > 0)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', ')}`,
    query: null,
  }
}

async function judgeGolden(
  { openModel }: ReleaseDeps,
  registry: ModelRegistry,
  version: ModelVersion,
  tolerance: NonNullable<Gate['golden']>,
): Promise<GateOutcome[]> {
  const golden = await readGolden(registry, `${version.model}:${version.version}`)
  if (golden.length === 0)
    return [
      {
        kind: 'golden',
        name: 'golden pictures',
        passed: false,
        expected: 'golden pictures beside the version',
        found: `none; record some: fovea golden ${version.model}:${version.version}`,
        query: null,
      },
    ]
  const model = await openModel(version.folder)
  try {
    const outcomes: GateOutcome[] = []
    for (const { file, bytes, answer } of golden) {
      const faults = compareGolden(answer, await askGolden(model, bytes), tolerance)
      outcomes.push({
        kind: 'golden',
        name: file,
        passed: faults.length === 0,
        expected: 'answered as recorded',
        found: faults.length === 0 ? 'as recorded' : faults.join('; '),
        query: null,
      })
    }
    return outcomes
  } finally {
    await model.close()
  }
}
