import { z } from 'zod'
import { modelName } from './models.ts'
import { operation } from './operation.ts'
import { modelReference } from './prediction.ts'

export const modelStage = z.enum(['none', 'staging', 'production', 'archived'])

export const dataSelectionSchema = z.object({
  dataset: z.string(),
  query: z.string(),
  layer: z.string(),
  samples: z.number().int().describe('Learnt from'),
  validation: z.number().int().describe('Held out'),
  digest: z.string().describe('SHA-256 over ids, pictures and labels'),
})

const event = z.object({ at: z.string(), actor: z.string(), what: z.string(), reason: z.string() })

export const modelVersionSchema = z.object({
  model: z.string(),
  version: z.number().int(),
  folder: z.string(),
  task: z.string(),
  classes: z.array(z.string()),
  createdAt: z.string(),
  actor: z.string(),
  stage: modelStage,
  aliases: z.array(z.string()),
  metrics: z.record(z.string(), z.number()),
  run: z.string().nullable().describe('Run that made it'),
  data: dataSelectionSchema.nullable().describe('What it was made from'),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
  events: z.array(event).describe('The oldest first'),
})
export type RegisteredVersion = z.output<typeof modelVersionSchema>

const reason = z.string().max(2_000)
const changed = z.object({ versions: z.array(modelVersionSchema).describe('All of the model') })

export const listRegistered = operation({
  id: 'registry.list',
  summary: 'List registered models and their versions',
  effect: 'read',
  input: z.object({
    model: z.string().min(1).optional().describe('Name of one model'),
    stage: modelStage.optional(),
    alias: z.string().min(1).optional(),
    task: z.string().min(1).optional(),
  }),
  output: z.object({ versions: z.array(modelVersionSchema).describe('By name, the newest version first') }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const showRegistered = operation({
  id: 'registry.show',
  summary: 'Show a registered model: its files, what it was made from, what was attached to it',
  effect: 'read',
  input: z.object({ model: modelReference }),
  output: z.object({
    version: modelVersionSchema,
    card: z.record(z.string(), z.unknown()).describe('Input, output and what is done around them'),
    run: z
      .object({
        id: z.string(),
        kind: z.string(),
        name: z.string(),
        state: z.string(),
        startedAt: z.string(),
        params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      })
      .nullable()
      .describe('The run that made it, while it is kept'),
    attached: z
      .array(z.object({ name: z.string(), bytes: z.number().int() }))
      .describe('Evidence; read it with registry.evidence'),
  }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const registerModel = operation({
  id: 'registry.register',
  summary: 'Register a network with its card as the next version of a model',
  effect: 'write',
  long: true,
  input: z.object({
    path: z.string().min(1).describe('Folder with card.toml and what it names, or an .onnx file'),
    card: z
      .string()
      .min(1)
      .optional()
      .describe('TOML file that says what the network takes and answers; needed for an .onnx file'),
    name: modelName.optional().describe('Name of the model; that of the card where left out'),
    aliases: z.array(z.string().min(1)).default([]).describe('Aliases it takes over'),
    metrics: z.record(z.string(), z.number()).default({}),
    run: z.string().min(1).optional().describe('Run that made it'),
  }),
  output: z.object({ version: modelVersionSchema }),
  errors: [
    'SOURCE_NOT_FOUND',
    'PATH_OUTSIDE',
    'MODEL_NOT_FOUND',
    'MODEL_EXISTS',
    'MODEL_INVALID',
    'MODEL_MISMATCH',
    'MODEL_OUTPUT',
    'RUN_NOT_FOUND',
  ],
})

export const setModelAlias = operation({
  id: 'registry.alias',
  summary: 'Let an alias stand at a version of a model, or take it away',
  effect: 'write',
  input: z.object({
    model: modelName,
    alias: z.string().min(1).max(64),
    number: z.number().int().min(1).nullable().describe('Number of the version; null takes the alias away'),
    reason: reason.default(''),
  }),
  output: changed,
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const setModelStage = operation({
  id: 'registry.stage',
  summary: 'Change the stage of a version, with the reason',
  effect: 'write',
  input: z.object({
    model: modelReference,
    stage: modelStage,
    reason: reason.min(1, 'Expected why the stage changes'),
  }),
  output: z.object({ version: modelVersionSchema }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const verifyModels = operation({
  id: 'registry.verify',
  summary: 'Hold every file of registered models against its SHA-256',
  effect: 'read',
  long: true,
  input: z.object({ model: modelReference.optional().describe('One model; all where left out') }),
  output: z.object({
    verified: z.array(
      z.object({
        model: z.string(),
        version: z.number().int(),
        files: z.number().int(),
        bytes: z.number().int(),
        faults: z.array(z.object({ name: z.string(), fault: z.string() })),
      }),
    ),
    faults: z.number().int(),
  }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const removeRegistered = operation({
  id: 'registry.remove',
  summary: 'Remove a version of a model, with what was attached to it',
  effect: 'destructive',
  input: z.object({
    model: z
      .string()
      .regex(/^[^@:]+:\d+$/, 'Expected NAME:VERSION, so that no other version goes')
      .describe('NAME:VERSION'),
  }),
  output: z.object({ removed: z.string() }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_IN_USE'],
})

export const readEvidence = operation({
  id: 'registry.evidence',
  summary: 'Read a text that was attached to a version: evidence of a gate, an evaluation',
  effect: 'read',
  input: z.object({ model: modelReference, name: z.string().min(1) }),
  output: z.object({ name: z.string(), bytes: z.number().int(), text: z.string() }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID', 'SOURCE_NOT_FOUND', 'SOURCE_UNREADABLE', 'PATH_OUTSIDE'],
})
