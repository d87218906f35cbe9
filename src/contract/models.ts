import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetRef, queryText, selectionErrors } from './shared.ts'

export const modelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'A model name has 1 to 64 of a-z, 0-9, dot, dash and underscore')

export const modelSchema = z.object({
  name: z.string(),
  title: z.string(),
  origin: z.enum(['built-in', 'added']),
  kind: z.enum(['onnx', 'pixels', 'hub']),
  task: z
    .enum(['embedding', 'detection', 'segmentation', 'mask-generation'])
    .describe('What it answers with: vectors, boxes, areas, or masks of what a point or box shows'),
  dimensions: z.number().int().describe('Numbers in one vector; 0 for models that give none'),
  readsText: z.boolean().describe('Texts have vectors in the same space'),
  classes: z.number().int().describe('Classes it tells; 0 without'),
  licence: z.string(),
  source: z.string(),
  bytes: z.number().int(),
  fingerprint: z.string().describe('Changes with the weights and with what is done around them'),
})
export type Model = z.infer<typeof modelSchema>

export const listModels = operation({
  id: 'models.list',
  summary: 'List the models that can be run',
  effect: 'read',
  input: z.object({}),
  output: z.object({ models: z.array(modelSchema) }),
  errors: ['MODEL_INVALID'],
})

export const showModel = operation({
  id: 'models.show',
  summary: 'Show a model and its card',
  effect: 'read',
  input: z.object({ model: z.string().min(1) }),
  output: z.object({
    model: modelSchema,
    card: z.record(z.string(), z.unknown()).nullable().describe('Input, output and what is done around them'),
  }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID'],
})

export const addModel = operation({
  id: 'models.add',
  summary: 'Add a model: an ONNX file with its card, or a folder as the Hugging Face hub lays it out',
  effect: 'write',
  long: true,
  input: z.object({
    path: z.string().min(1).describe('The .onnx file, or the folder'),
    card: z.string().min(1).optional().describe('TOML file that says what the network takes and answers'),
    name: modelName.optional(),
  }),
  output: z.object({ model: modelSchema }),
  errors: ['SOURCE_NOT_FOUND', 'MODEL_EXISTS', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT'],
})

export const pullModel = operation({
  id: 'models.pull',
  summary: 'Fetch a model from the Hugging Face hub and add it',
  effect: 'write',
  long: true,
  input: z.object({
    id: z.string().min(1).max(200).describe('owner/name on the hub'),
    name: modelName.optional(),
  }),
  output: z.object({ model: modelSchema }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_OFFLINE', 'MODEL_EXISTS', 'MODEL_INVALID', 'MODEL_MISMATCH'],
})

export const detectObjects = operation({
  id: 'models.detect',
  summary: 'Find objects with a detector; its boxes replace those of a layer for the samples looked at',
  effect: 'write',
  long: true,
  input: z.object({
    model: z.string().min(1).describe('One that models.list has for detection'),
    dataset: datasetRef,
    query: queryText,
    layer: z.string().min(1).max(200).optional().describe('Layer of the boxes; that of the model’s name when left out'),
    minScore: z.number().min(0).max(1).default(0.5).describe('Boxes below are left out'),
  }),
  output: z.object({
    layer: z.string(),
    samples: z.number().int().describe('Samples looked at'),
    boxes: z.number().int(),
    failed: z.number().int().describe('Files that could not be read; their labels stay as they are'),
    failures: z.array(z.object({ id: z.string(), what: z.string(), fix: z.string() })).describe('The first hundred'),
    classes: z.array(z.object({ class: z.string(), boxes: z.number().int() })).describe('Most frequent first'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT'],
})

export const removeModel = operation({
  id: 'models.remove',
  summary: 'Remove a model that was added; vectors made with it stay',
  effect: 'destructive',
  input: z.object({ model: z.string().min(1) }),
  output: z.object({ removed: z.string() }),
  errors: ['MODEL_NOT_FOUND'],
})
