import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { FoveaError, type Clock } from '#base'
import { findArtefact, listArtefacts } from './artefacts.ts'
import { createMemoryGauge, type MemoryGauge } from './memory-gauge.ts'
import { checkPoints, createMetricLog, mendMetricLog, readMetricLog, type MetricLog } from './metric-log.ts'
import { loadRuns, runFiles, writeRecord } from './load-runs.ts'
import type { LocalRunStore, MetricPoint, Run, RunWriter } from './types.ts'

/** A run as it is held in memory; the file lags behind in its metrics and its memory while the run is open. */
interface Held {
  run: Run
  /** Where the last value of each metric stands. */
  latest: Map<string, { step: number; time: number }>
  open?: { since: number; before: number; log: MetricLog; gauge: MemoryGauge } | undefined
}

const idLetters = 12

/**
 * Runs as folders: `<id>/run.json`, replaced whole, `metrics.jsonl`, appended to, and `artefacts/`. One process at a time has
 * them, so those that are found open were left by a killed one: they are interrupted. `environment` is asked at each start;
 * `memoryBytes` answers what the process holds now.
 */
export function createRunStore(deps: {
  folder: string
  clock: Clock
  environment: () => Promise<Run['environment']>
  memoryBytes?: () => number
}): LocalRunStore {
  const { folder, clock } = deps
  const filesOf = (id: string): ReturnType<typeof runFiles> => runFiles(folder, id)
  const now = (): string => new Date(clock.now()).toISOString()
  let loading: Promise<Map<string, Held>> | undefined
  const load = (): Promise<Map<string, Held>> =>
    (loading ??= loadRuns(folder).then(
      (runs) => new Map(runs.map((run) => [run.id, { run, latest: new Map() }])),
      (error: unknown) => {
        loading = undefined
        throw error
      },
    ))
  const save = (held: Held): Promise<void> =>
    writeRecord(folder, { ...show(held), ...(held.open === undefined ? {} : { openedAt: held.open.since }) })

  const findHeld = async (id: string): Promise<Held> => {
    const runs = await load()
    const held = runs.get(id)
    if (held !== undefined) return held
    throw new FoveaError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(id)}.`, {
      hint:
        runs.size === 0
          ? 'There are no runs yet.'
          : `The nearest is ${closest(id, [...runs.keys()])}. List them with: fovea runs list`,
    })
  }
  const show = ({ run, open }: Held): Run =>
    open === undefined
      ? run
      : { ...run, durationMs: open.before + (clock.now() - open.since), peakMemoryBytes: open.gauge.peak() }

  const write = (held: Held): RunWriter => {
    const { id } = held.run
    const { artefacts, metrics } = filesOf(id)
    const gauge = createMemoryGauge(deps.memoryBytes, held.run.peakMemoryBytes)
    const open = { since: clock.now(), before: held.run.durationMs, log: createMetricLog(metrics), gauge }
    held.open = open
    const refuseEnded = (): void => {
      if (held.open !== open) throw new FoveaError('INTERNAL', `The run ${id} has ended and takes nothing more.`)
    }
    /** Writes follow each other, so that the file ends as the last call says. */
    let saved: Promise<void> = Promise.resolve()
    const saveNext = (): Promise<void> => (saved = saved.catch(() => {}).then(() => save(held)))
    return {
      id,
      artefacts,
      async logMetrics(values, step) {
        refuseEnded()
        const time = clock.now()
        const points = Object.entries(values).map(([key, value]) => ({
          key,
          value,
          time,
          step: step ?? (held.latest.get(key)?.step ?? -1) + 1,
        }))
        checkPoints(points)
        gauge.read()
        takeLatest(held, points)
        await open.log.append(points)
      },
      noteMemory: (bytes) => gauge.add(bytes),
      async update(facts) {
        refuseEnded()
        held.run = {
          ...held.run,
          ...facts,
          params: { ...held.run.params, ...facts.params },
          tags: { ...held.run.tags, ...facts.tags },
        }
        await saveNext()
      },
      async end(state, error = null) {
        refuseEnded()
        gauge.read()
        held.run = { ...show(held), state, endedAt: now(), error }
        held.open = undefined
        gauge.close()
        await saveNext()
      },
    }
  }

  return {
    async start({
      kind,
      name,
      actor,
      experiment = 'default',
      params = {},
      tags = {},
      parent = null,
      data = null,
      call = null,
    }) {
      const runs = await load()
      const run: Run = {
        id: newId(),
        kind,
        name,
        experiment,
        state: 'running',
        actor,
        startedAt: now(),
        endedAt: null,
        durationMs: 0,
        parent,
        params,
        tags,
        metrics: {},
        data,
        model: null,
        environment: await deps.environment(),
        peakMemoryBytes: null,
        error: null,
        call,
      }
      await mkdir(filesOf(run.id).artefacts, { recursive: true })
      const held: Held = { run, latest: new Map() }
      const writer = write(held)
      await save(held)
      runs.set(run.id, held)
      return writer
    },
    async reopen(id) {
      const held = await findHeld(id)
      if (held.open !== undefined)
        throw new FoveaError('RUN_ACTIVE', `The run ${id} is being written already.`, {
          hint: 'Wait until it has ended.',
        })
      const { artefacts, metrics } = filesOf(id)
      await mkdir(artefacts, { recursive: true })
      await mendMetricLog(metrics)
      for (const { key, steps, times } of await readMetricLog(metrics))
        held.latest.set(key, { step: steps.at(-1)!, time: times.at(-1)! })
      held.run = { ...held.run, state: 'running', endedAt: null, error: null }
      const writer = write(held)
      await save(held)
      return writer
    },
    list: async () =>
      [...(await load()).values()]
        .map(show)
        .sort((a, b) => (a.startedAt === b.startedAt ? (a.id < b.id ? 1 : -1) : a.startedAt < b.startedAt ? 1 : -1)),
    find: async (id) => show(await findHeld(id)),
    async curves(id, keys) {
      await findHeld(id)
      return readMetricLog(filesOf(id).metrics, keys)
    },
    async history(id, key) {
      await findHeld(id)
      const curves = await readMetricLog(filesOf(id).metrics, key === undefined ? undefined : [key])
      const points = curves.flatMap((curve) =>
        Array.from(curve.steps, (step, i) => ({
          key: curve.key,
          step,
          value: curve.values[i]!,
          time: curve.times[i]!,
        })),
      )
      return points.sort((a, b) => a.step - b.step)
    },
    async listArtefacts(id) {
      await findHeld(id)
      return listArtefacts(filesOf(id).artefacts)
    },
    async artefactFile(id, name) {
      await findHeld(id)
      return findArtefact(filesOf(id).artefacts, name, id)
    },
    async remove(id) {
      const held = await findHeld(id)
      if (held.open !== undefined)
        throw new FoveaError('RUN_ACTIVE', `The run ${id} is still running.`, { hint: 'Cancel its job first.' })
      const runs = await load()
      const gone = join(folder, `.removed-${id}`)
      await rename(filesOf(id).folder, gone)
      runs.delete(id)
      for (const child of runs.values()) {
        if (child.run.parent !== id) continue
        child.run = { ...child.run, parent: null }
        await save(child)
      }
      await rm(gone, { recursive: true, force: true })
    },
  }
}

/** The last value of a metric is that of its highest step, and of those the latest. */
function takeLatest(held: Held, points: readonly MetricPoint[]): void {
  const metrics = { ...held.run.metrics }
  for (const { key, step, time, value } of points) {
    const last = held.latest.get(key)
    if (last !== undefined && (step < last.step || (step === last.step && time < last.time))) continue
    held.latest.set(key, { step, time })
    metrics[key] = value
  }
  held.run = { ...held.run, metrics }
}

/** 32 letters at 12 places: no two runs of a workspace meet. */
function newId(): string {
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
  return `run_${Array.from(randomBytes(idLetters), (byte) => alphabet[byte % alphabet.length]).join('')}`
}
