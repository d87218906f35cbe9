import { isDeepStrictEqual } from 'node:util'
import { FoveaError } from '#base'
import type { Run, RunStore } from '#experiments'

const ends: readonly Run['state'][] = ['cancelled', 'failed', 'interrupted']

/** How a run was called, as it is kept: without what only says how to begin. */
export function describeCall(
  operation: string,
  input: Readonly<Record<string, unknown>>,
): { operation: string; input: Record<string, unknown> } {
  const { resume: _, fresh: __, ...rest } = input
  return { operation, input: JSON.parse(JSON.stringify(rest)) as Record<string, unknown> }
}

/**
 * The run to take up: the one named, or the last of the same call when that did not end well. Undefined where a new one is to be started.
 * Throws RUN_NOT_FOUND, and INPUT_INVALID for a run that was called otherwise, is running or is done.
 */
export async function findPrevious(
  runs: RunStore,
  call: { operation: string; input: Record<string, unknown> },
  { resume, fresh, actor }: { resume: string | undefined; fresh: boolean; actor: string },
): Promise<Run | undefined> {
  if (resume !== undefined) {
    const run = await runs.find(resume)
    if (run.call?.operation !== call.operation)
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected a run of ${call.operation} to take up, but ${run.id} is one of ${run.call?.operation ?? run.kind}.`,
      )
    const input = run.call.input as Record<string, unknown>
    const different = [...new Set([...Object.keys(input), ...Object.keys(call.input)])].filter(
      (key) => !isDeepStrictEqual(input[key], call.input[key]),
    )
    if (different.length > 0)
      throw new FoveaError('INPUT_INVALID', `The run ${run.id} was started with another ${different.join(', ')}.`, {
        hint: `Take it up as it was: fovea train --resume ${run.id}`,
        details: { different },
      })
    if (!ends.includes(run.state))
      throw new FoveaError('INPUT_INVALID', `Expected a run that was stopped, but ${run.id} is ${run.state}.`, {
        hint: run.state === 'done' ? 'Train anew without --resume.' : 'Wait for it, or cancel its job first.',
      })
    return run
  }
  if (fresh) return undefined
  const last = (await runs.list()).find(
    (run) =>
      run.actor === actor && run.call?.operation === call.operation && isDeepStrictEqual(run.call.input, call.input),
  )
  return last !== undefined && ends.includes(last.state) ? last : undefined
}
