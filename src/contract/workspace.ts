import { z } from 'zod'
import { operation } from './operation.ts'
import type { ErrorBody } from './errors.ts'

export const workspaceInfo = operation({
  id: 'workspace.info',
  summary: 'Show where the workspace is, its version and size',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    path: z.string(),
    version: z.string().describe('Version of fovea'),
    schema: z.number().int().describe('Version of the catalogue on disk'),
    bytes: z.number().describe('Size of the catalogue file'),
    datasets: z.number().int(),
  }),
  errors: [],
})

export const jobStates = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const

export const jobSchema = z.object({
  id: z.string().describe('j_<time>_<random>'),
  operation: z.string(),
  actor: z.string(),
  state: z.enum(jobStates).describe('interrupted: the process died; resume runs it again'),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  progress: z
    .object({
      stage: z.string(),
      done: z.number(),
      total: z.number().nullable(),
      unit: z.string(),
      rate: z.number().nullable().describe('Units a second'),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  input: z.unknown(),
  result: z.unknown().nullable(),
  error: z.custom<ErrorBody>().nullable(),
})
export type Job = z.infer<typeof jobSchema>

export const listJobs = operation({
  id: 'job.list',
  summary: 'List jobs, newest first',
  effect: 'read',
  input: z.object({ state: z.enum(jobStates).optional(), limit: z.number().int().min(1).max(1_000).default(50) }),
  output: z.object({ jobs: z.array(jobSchema) }),
  errors: [],
})

export const showJob = operation({
  id: 'job.show',
  summary: 'Show one job with its progress, result or error',
  effect: 'read',
  input: z.object({ job: z.string() }),
  output: z.object({ job: jobSchema }),
  errors: ['JOB_NOT_FOUND'],
})

export const cancelJob = operation({
  id: 'job.cancel',
  summary: 'Cancel a running job; what it finished is kept',
  effect: 'write',
  input: z.object({ job: z.string() }),
  output: z.object({ job: jobSchema }),
  errors: ['JOB_NOT_FOUND'],
})

export const resumeJob = operation({
  id: 'job.resume',
  summary: 'Run a cancelled, failed or interrupted job again under its id; finished parts are not redone',
  effect: 'write',
  input: z.object({ job: z.string() }),
  output: z.object({ job: jobSchema }),
  errors: ['JOB_NOT_FOUND', 'JOB_NOT_RESUMABLE'],
})

export const makeDemo = operation({
  id: 'demo.make',
  summary: 'Write the seeded demo dataset: tile surfaces with defects, masks, EXIF and planted faults',
  effect: 'write',
  long: true,
  input: z.object({
    to: z.string().min(1).describe('Folder to make; it must not exist, or be empty'),
    seed: z.number().int().default(7),
    tiles: z.number().int().min(6).max(5_000).default(200).describe('Surfaces, photographed at three exposures each'),
  }),
  output: z.object({
    to: z.string(),
    images: z.number().int(),
    masks: z.number().int(),
    faults: z
      .record(z.string(), z.number().int())
      .describe('Planted faults by kind, recorded one by one in faults.json'),
  }),
  errors: ['TARGET_EXISTS', 'PATH_OUTSIDE'],
})
