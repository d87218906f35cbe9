import { readFile, stat } from 'node:fs/promises'
import {
  compareRuns as compareSpec,
  listRunArtefacts,
  listRuns,
  readRunArtefact,
  readRunHistory,
  removeRuns,
  rerunRun,
  showRun,
} from '#contract'
import { FoveaError, implement, throwIfAborted, type CallContext, type Operation } from '#base'
import { compareRuns } from './compare.ts'
import { pickRun, selectRuns } from './select-runs.ts'
import { thinCurve } from './thin.ts'
import type { LocalRunStore, Run } from './types.ts'

/** Calls an operation of any room, with the rights of the one who asks. Throws OPERATION_NOT_FOUND, PATH_OUTSIDE. */
export type CallOperation = (id: string, input: unknown, context: CallContext) => Promise<unknown>

const longestTextBytes = 4 * 1024 * 1024

/** Handlers of run.*. */
export function createRunOperations({
  runs,
  callOperation,
}: {
  runs: LocalRunStore
  callOperation: CallOperation
}): Operation[] {
  const resolve = async (text: string): Promise<Run> => pickRun(await runs.list(), text) ?? runs.find(text)
  return [
    implement(listRuns, async (input) => {
      const parent = input.parent === undefined ? {} : { parent: (await resolve(input.parent)).id }
      const found = selectRuns(await runs.list(), { ...input, ...parent })
      return { runs: found.slice(0, input.limit), total: found.length }
    }),
    implement(showRun, async (input) => {
      const run = await resolve(input.run)
      const below = (await runs.list()).filter((one) => one.parent === run.id)
      return { run, children: below.map((one) => one.id).reverse(), artefacts: await runs.listArtefacts(run.id) }
    }),
    implement(readRunHistory, async (input) => {
      const run = await resolve(input.run)
      const curves = await runs.curves(run.id, input.metrics)
      return {
        run: run.id,
        curves: curves.map((curve) => {
          const kept = thinCurve(curve, input.points)
          const pick = (column: Float64Array): number[] => kept.map((i) => column[i]!)
          return {
            metric: curve.key,
            total: curve.values.length,
            steps: pick(curve.steps),
            values: pick(curve.values),
            times: pick(curve.times),
          }
        }),
      }
    }),
    implement(compareSpec, async (input) => {
      const chosen = await Promise.all(input.runs.map(resolve))
      return { runs: chosen, ...compareRuns(chosen, input) }
    }),
    implement(rerunRun, async (input, context) => {
      const run = await resolve(input.run)
      if (run.call === null)
        throw new FoveaError('INPUT_INVALID', `The run ${run.id} does not say how it was called.`, {
          hint: 'It was logged by a client; run that again.',
        })
      const { operation } = run.call
      const again = { ...(run.call.input as Record<string, unknown>), ...input.changes }
      return { operation, input: again, output: await callOperation(operation, again, context) }
    }),
    implement(removeRuns, async (input, { signal }) => {
      const named = await Promise.all(input.runs.map(resolve))
      const all = await runs.list()
      const chosen = new Set(named.map((run) => run.id))
      // A run may be below one that is below a named one.
      for (const id of input.below ? chosen : []) for (const run of all) if (run.parent === id) chosen.add(run.id)
      const running = all.find((run) => chosen.has(run.id) && run.state === 'running')
      if (running !== undefined)
        throw new FoveaError('RUN_ACTIVE', `The run ${running.id} is still running, so nothing was removed.`, {
          hint: 'Cancel its job first: fovea jobs',
        })
      for (const id of chosen) {
        throwIfAborted(signal)
        await runs.remove(id)
      }
      return { removed: [...chosen] }
    }),
    implement(listRunArtefacts, async (input) => {
      const run = await resolve(input.run)
      return { run: run.id, artefacts: await runs.listArtefacts(run.id) }
    }),
    implement(readRunArtefact, async (input) => {
      const run = await resolve(input.run)
      const file = await runs.artefactFile(run.id, input.name)
      return { name: input.name, ...(await readText(file, `${run.id}/artefacts/${input.name}`)) }
    }),
  ]
}

async function readText(file: string, place: string): Promise<{ bytes: number; text: string }> {
  const { size } = await stat(file)
  const other = { hint: `Fetch it from the server: /runs/${place}` }
  if (size > longestTextBytes)
    throw new FoveaError(
      'SOURCE_UNREADABLE',
      `Expected a text of at most ${longestTextBytes} bytes, got ${size}.`,
      other,
    )
  const bytes = await readFile(file)
  try {
    return { bytes: size, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (cause) {
    throw new FoveaError('SOURCE_UNREADABLE', `Expected a text in UTF-8, got other bytes.`, { ...other, cause })
  }
}
