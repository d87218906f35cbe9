import { appendFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Job } from '#contract'
import { compareCodePoints, FoveaError, pathExists, writeFileAtomic } from '#base'

/** One line of a job's events; ids rise by one from 1, over resumes too. */
export interface JobEvent {
  id: number
  at: string
  type: 'state' | 'progress' | 'log'
  data: unknown
}

export interface JobStore {
  /** Throws JOB_NOT_FOUND. */
  read(id: string): Promise<Job>
  write(job: Job): Promise<void>
  /** Ids, newest first. */
  list(): Promise<string[]>
  /** Removes the record and events of a job. */
  remove(id: string): Promise<void>
  append(id: string, event: JobEvent): Promise<void>
  events(id: string): Promise<JobEvent[]>
  /** Marks that say which jobs a living process runs; a mark found at start is of a dead one. */
  markRunning(id: string): Promise<void>
  unmarkRunning(id: string): Promise<void>
  marked(): Promise<string[]>
  /** Remembers beside the record that the job may read only what a caller without the owner's rights may. */
  markConfined(id: string): Promise<void>
  isConfined(id: string): Promise<boolean>
}

const jobId = /^j_[0-9a-z]+_[0-9a-z]+$/

/** Jobs as files: `<folder>/<id>/job.json`, written atomically, and `events.ndjson`, appended to. */
export function createJobStore(deps: { folder: string }): JobStore {
  const place = (id: string, file: string): string => {
    if (!jobId.test(id)) throw jobNotFound(id)
    return join(deps.folder, id, file)
  }
  const marks = join(deps.folder, '.running')
  return {
    async read(id) {
      try {
        return JSON.parse(await readFile(place(id, 'job.json'), 'utf8')) as Job
      } catch (error) {
        if (error instanceof FoveaError) throw error
        throw jobNotFound(id)
      }
    },
    write: (job) => writeFileAtomic(place(job.id, 'job.json'), `${JSON.stringify(job, null, 1)}\n`),
    async list() {
      const names = await readdir(deps.folder).catch(() => [])
      return names.filter((name) => jobId.test(name)).toSorted((a, b) => compareCodePoints(b, a))
    },
    remove: (id) => rm(place(id, '.'), { recursive: true, force: true }),
    append: (id, event) => appendFile(place(id, 'events.ndjson'), `${JSON.stringify(event)}\n`),
    async events(id) {
      const text = await readFile(place(id, 'events.ndjson'), 'utf8').catch(() => '')
      // The last line may be cut short when the process died while writing it.
      return text.split('\n').flatMap((line) => {
        try {
          return line === '' ? [] : [JSON.parse(line) as JobEvent]
        } catch {
          return []
        }
      })
    },
    async markRunning(id) {
      await mkdir(marks, { recursive: true })
      await writeFile(join(marks, id), '')
    },
    unmarkRunning: (id) => rm(join(marks, id), { force: true }),
    markConfined: (id) => writeFileAtomic(place(id, 'confined'), ''),
    isConfined: (id) => pathExists(place(id, 'confined')),
    async marked() {
      return (await readdir(marks).catch(() => [])).filter((name) => jobId.test(name))
    },
  }
}

function jobNotFound(id: string): FoveaError {
  return new FoveaError('JOB_NOT_FOUND', `There is no job ${JSON.stringify(id)}.`, {
    hint: 'List them with: fovea jobs',
  })
}
