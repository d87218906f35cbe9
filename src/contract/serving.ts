import { z } from 'zod'
import { operation } from './operation.ts'

export const endpointName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'An endpoint name has 1 to 64 of a-z, 0-9, dot, dash and underscore')

const reference = z
  .string()
  .min(1)
  .max(200)
  .describe('NAME (its champion, else the newest), NAME@ALIAS, which follows the alias, or NAME:VERSION')
const share = z.number().min(0).max(1).describe('Of the requests, told by their ids')

/** What of an endpoint is kept between starts, without its keys. */
export const endpointSettings = z.object({
  model: reference,
  canary: z.object({ model: reference, share }).nullable(),
  shadow: reference.nullable(),
  threshold: z.number().nullable().describe('Boxes and classes below it are left out; anomalies begin at it'),
  batching: z.object({
    maxSize: z.int().min(1).max(256).describe('Pictures of one run'),
    maxDelayMs: z.number().min(0).max(1_000).describe('Longest wait for a picture that is still being decoded'),
  }),
  queueLimit: z
    .int()
    .min(1)
    .max(100_000)
    .describe('Requests taken and not answered; further ones are refused with 429'),
  timeoutMs: z.int().min(1).max(3_600_000),
})
export type EndpointSettings = z.output<typeof endpointSettings>

const servedVersion = z.object({
  role: z.enum(['primary', 'canary', 'shadow']),
  reference: z.string(),
  model: z.string(),
  version: z.int(),
  task: z.string(),
  classes: z.array(z.string()),
})

export const endpointState = z.enum(['stopped', 'loading', 'ready', 'failed'])

export const endpointSchema = z.object({
  name: z.string(),
  state: endpointState.describe('stopped: no server runs; failed: no version of it can be opened'),
  settings: endpointSettings,
  serving: z.array(servedVersion).describe('What answers now'),
  problem: z
    .object({ role: z.string(), reference: z.string(), code: z.string(), message: z.string(), at: z.string() })
    .nullable()
    .describe('Why it does not serve what its settings name'),
  keys: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      createdAt: z.string(),
      ratePerMinute: z.int().nullable(),
    }),
  ),
  history: z
    .array(z.object({ at: z.string(), actor: z.string(), reference: z.string(), model: z.string(), version: z.int() }))
    .describe('Versions that were opened and served, the oldest first'),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type Endpoint = z.output<typeof endpointSchema>

const percentiles = z.object({ p50: z.number(), p95: z.number(), p99: z.number() })

export const servedStatistics = z.object({
  role: z.string(),
  model: z.string(),
  version: z.int(),
  requests: z.int(),
  pictures: z.int().describe('Pictures, or rows of tensors, that were answered'),
  failures: z.record(z.string(), z.int()).describe('By code'),
  waiting: z.int().describe('Requests taken and not answered'),
  runs: z.int(),
  batches: z.record(z.string(), z.int()).describe('Runs by how many pictures they held'),
  latencyMs: percentiles.nullable().describe('From arrival to answer, of the newest 4096 requests'),
  queueMs: percentiles.nullable(),
  computeMs: percentiles.nullable(),
  shadow: z
    .object({
      compared: z.int(),
      dropped: z.int().describe('Left out because the shadow was behind'),
      agreement: z
        .number()
        .nullable()
        .describe('Mean, 0 to 1: same best class, same side of the threshold, same pixels'),
    })
    .nullable(),
})
export type ServedStatistics = z.output<typeof servedStatistics>

const name = endpointName.describe('Name of the endpoint')

export const listEndpoints = operation({
  id: 'serving.list',
  summary: 'List the endpoints',
  effect: 'read',
  input: z.object({}),
  output: z.object({ endpoints: z.array(endpointSchema) }),
  errors: [],
})

export const showEndpoint = operation({
  id: 'serving.show',
  summary: 'Show an endpoint: what it serves, its settings, its history',
  effect: 'read',
  input: z.object({ name }),
  output: z.object({ endpoint: endpointSchema }),
  errors: ['ENDPOINT_NOT_FOUND'],
})

export const deployEndpoint = operation({
  id: 'serving.deploy',
  summary: 'Serve a model under a name, or change what is served: opened and warmed up before it takes over',
  effect: 'write',
  input: z.object({
    name,
    model: reference.optional().describe('Left out, an endpoint keeps the one it has'),
    canary: reference.optional().describe('A second version for a share of the requests; "none" takes it away'),
    canaryShare: share.optional(),
    shadow: reference.optional().describe('A version that sees every request and answers none; "none" takes it away'),
    threshold: z
      .union([z.number(), z.literal('none')])
      .optional()
      .describe('Boxes and classes below it are left out, anomalies begin at it; "none" for that of the model'),
    maxBatch: endpointSettings.shape.batching.shape.maxSize.optional(),
    maxDelayMs: endpointSettings.shape.batching.shape.maxDelayMs.optional(),
    queueLimit: endpointSettings.shape.queueLimit.optional(),
    timeoutMs: endpointSettings.shape.timeoutMs.optional(),
  }),
  output: z.object({ endpoint: endpointSchema }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT', 'ENDPOINT_NOT_FOUND'],
})

export const rollbackEndpoint = operation({
  id: 'serving.rollback',
  summary: 'Serve the version that was served before, and hold it there',
  effect: 'write',
  input: z.object({ name }),
  output: z.object({ endpoint: endpointSchema }),
  errors: ['ENDPOINT_NOT_FOUND', 'UNDO_NOTHING', 'MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT'],
})

export const removeEndpoint = operation({
  id: 'serving.remove',
  summary: 'Take an endpoint away with its keys; its model stays',
  effect: 'destructive',
  input: z.object({ name }),
  output: z.object({ removed: z.string() }),
  errors: ['ENDPOINT_NOT_FOUND'],
})

export const addEndpointKey = operation({
  id: 'serving.key-add',
  summary: 'Make a key that opens one endpoint; it is shown this once',
  effect: 'write',
  input: z.object({
    name,
    label: z.string().max(100).default('').describe('Whom it is for'),
    ratePerMinute: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe('Requests a minute; without, no limit of its own'),
  }),
  output: z.object({ id: z.string(), key: z.string().describe('Only its salted hash is kept') }),
  errors: ['ENDPOINT_NOT_FOUND'],
})

export const removeEndpointKey = operation({
  id: 'serving.key-remove',
  summary: 'Take a key away: requests with it are refused from now on',
  effect: 'destructive',
  input: z.object({ name, id: z.string().min(1).describe('Id of the key, as in key_3f2a91bc') }),
  output: z.object({ removed: z.string() }),
  errors: ['ENDPOINT_NOT_FOUND', 'KEY_NOT_FOUND'],
})

export const endpointStatistics = operation({
  id: 'serving.stats',
  summary: 'Requests, failures, batches and latency of an endpoint since its server started',
  effect: 'read',
  input: z.object({ name }),
  output: z.object({ name: z.string(), state: endpointState, versions: z.array(servedStatistics) }),
  errors: ['ENDPOINT_NOT_FOUND'],
})
