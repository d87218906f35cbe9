import {
  ApiFailure,
  call,
  isApiError,
  start,
  type Input,
  type Job,
  type OperationId,
  type Output,
} from '../api/client.ts'
import { readName } from '../api/person.ts'
import { queryClient } from './data.ts'
import { notify, notifyFailure } from './notices.ts'
import { createStore, useStore } from './store.ts'

/**
 * Runs an operation that changes data, says what it did, and offers to take it back. Undefined when it was refused. What shows the
 * dataset is made anew meanwhile, so that whoever waits for the change does not wait for that too.
 */
export async function change<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  say: (output: Output<Id>) => string,
): Promise<Output<Id> | undefined> {
  try {
    const output = await call(id, input)
    const made = (output as { change?: string | null }).change ?? null
    notify(say(output), made === null ? null : { label: 'Undo', run: () => void undo(made) })
    void queryClient.invalidateQueries()
    return output
  } catch (error) {
    tellFailure(error)
    return undefined
  }
}

/** Takes a change back: the one named, else the newest; whoever gave a name takes back only what is their own. */
export async function undo(changeId?: string, dataset?: string): Promise<void> {
  try {
    const id = changeId ?? (await findOwn(dataset))
    const { undone } = await call('history.undo', {
      ...(id === undefined ? {} : { change: id }),
      ...(dataset === undefined ? {} : { dataset }),
    })
    notify(`Undone: ${undone.summary}`, { label: 'Redo', run: () => void redo(undone.id) })
    void queryClient.invalidateQueries()
  } catch (error) {
    tellFailure(error)
  }
}

const looksBack = 200

/** The newest change that stands and was made under the name given in this browser; undefined without a name. */
async function findOwn(dataset?: string): Promise<string | undefined> {
  const name = readName()
  if (name === '') return undefined
  const { changes } = await call('history.list', { limit: looksBack, ...(dataset === undefined ? {} : { dataset }) })
  const own = changes.find(({ actor, state }) => state !== 'undone' && actor.startsWith(`${name} (`))
  if (own !== undefined) return own.id
  throw new ApiFailure({
    code: 'UNDO_NOTHING',
    message: `None of the last changes was made by ${name}.`,
    hint: 'What others did is taken back one by one: open a sample and its History.',
  })
}

export async function redo(changeId?: string, dataset?: string): Promise<void> {
  try {
    const { redone } = await call('history.redo', {
      ...(changeId === undefined ? {} : { change: changeId }),
      ...(dataset === undefined ? {} : { dataset }),
    })
    notify(`Done again: ${redone.summary}`)
    void queryClient.invalidateQueries()
  } catch (error) {
    tellFailure(error)
  }
}

export function tellFailure(error: unknown): void {
  notifyFailure(
    isApiError(error) ? error : { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) },
  )
}

/** Jobs this page has begun or found running, newest first. */
const jobs = createStore<readonly Job[]>([])
export const useJobs = (): readonly Job[] => useStore(jobs)

/** Starts a long operation; its progress shows in the drawer of jobs. Undefined when it was refused. */
export async function startJob<Id extends OperationId>(id: Id, input: Input<Id>): Promise<Job | undefined> {
  try {
    const job = await start(id, input)
    watchJob(job)
    return job
  } catch (error) {
    tellFailure(error)
    return undefined
  }
}

/** Follows a job to its end. */
export function watchJob(job: Job): void {
  keep(job)
  if (job.endedAt !== null) return
  const stream = new EventSource(`/api/jobs/${encodeURIComponent(job.id)}/events`)
  let isOver = false
  const refresh = async (): Promise<void> => {
    const { job: now } = await call('job.show', { job: job.id })
    // Several events may ask at once; the end is told once.
    if (isOver) return
    keep(now)
    if (now.endedAt === null) return
    isOver = true
    stream.close()
    if (now.state === 'cancelled') notify(`Cancelled: ${now.operation}`)
    else if (now.error !== null) notifyFailure(now.error)
    else notify(`Finished: ${now.operation}`)
    await queryClient.invalidateQueries()
  }
  for (const kind of ['state', 'progress']) stream.addEventListener(kind, () => void refresh().catch(() => {}))
}

export async function cancelJob(id: string): Promise<void> {
  try {
    keep((await call('job.cancel', { job: id })).job)
  } catch (error) {
    tellFailure(error)
  }
}

export async function loadJobs(): Promise<void> {
  const { jobs: all } = await call('job.list', { limit: 100 })
  for (const job of all.toReversed()) {
    if (job.endedAt === null) watchJob(job)
    else keep(job)
  }
}

function keep(job: Job): void {
  jobs.set((all) =>
    [job, ...all.filter((other) => other.id !== job.id)].toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1)),
  )
}
