import { z } from 'zod'
import { operation } from './operation.ts'
import { changeResult, datasetErrors, datasetRef } from './shared.ts'

export const datasetName = z
  .string()
  .min(1)
  .max(100)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u,
    'A dataset name starts with a letter or digit and holds letters, digits, spaces, ".", "_" and "-"',
  )

export const cardSchema = z.object({
  description: z.string().max(20_000).default(''),
  licence: z.string().max(500).default(''),
  owner: z.string().max(500).default(''),
})

export const datasetSummary = z.object({
  name: z.string(),
  samples: z.number().int(),
  labels: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

export const ontologyClass = z.object({
  name: z.string().min(1).max(500),
  color: z.string().regex(/^#[0-9a-f]{6}$/),
  hotkey: z.string().max(1).nullable(),
  definition: z.string().max(5_000),
  supercategory: z.string().nullable(),
  /** Names of keypoints in order, when the class has a skeleton. */
  keypoints: z.array(z.string()).nullable(),
  /** Pairs of 1-based keypoint numbers (COCO). */
  skeleton: z.array(z.tuple([z.number().int(), z.number().int()])).nullable(),
})
export type OntologyClass = z.infer<typeof ontologyClass>

export const listDatasets = operation({
  id: 'dataset.list',
  summary: 'List the datasets of the workspace',
  effect: 'read',
  input: z.object({}),
  output: z.object({ datasets: z.array(datasetSummary) }),
  errors: [],
})

export const showDataset = operation({
  id: 'dataset.show',
  summary: 'Show what a dataset holds: counts, classes, layers, splits, tags, card',
  effect: 'read',
  input: z.object({ dataset: datasetRef }),
  output: datasetSummary.extend({
    card: cardSchema,
    classes: z.array(
      ontologyClass.extend({
        samples: z.number().int().describe('Samples with at least one label of the class in any layer'),
        labels: z.number().int(),
      }),
    ),
    layers: z.array(z.object({ name: z.string(), labels: z.number().int(), samples: z.number().int() })),
    kinds: z.record(z.string(), z.number().int()).describe('Labels by kind'),
    splits: z.array(z.object({ name: z.string().nullable(), samples: z.number().int() })),
    tags: z.array(z.object({ name: z.string(), samples: z.number().int() })),
    problems: z.number().int().describe('Rows in the list of problems'),
  }),
  errors: [...datasetErrors],
})

export const createDataset = operation({
  id: 'dataset.create',
  summary: 'Create an empty dataset',
  effect: 'write',
  input: z.object({ name: datasetName, card: cardSchema.partial().optional() }),
  output: z.object({ name: z.string(), change: z.string() }),
  errors: ['DATASET_EXISTS'],
})

export const deleteDataset = operation({
  id: 'dataset.delete',
  summary: 'Remove a dataset from the workspace; undo brings it back, media files are never touched',
  effect: 'destructive',
  input: z.object({ dataset: z.string().min(1) }),
  output: z.object({ change: z.string(), samples: z.number().int() }),
  errors: ['DATASET_NOT_FOUND'],
})

export const editCard = operation({
  id: 'dataset.edit-card',
  summary: 'Set description, licence or owner of a dataset',
  effect: 'write',
  input: z.object({ dataset: datasetRef, ...cardSchema.partial().shape }),
  output: z.object({ card: cardSchema, change: z.string().nullable() }),
  errors: [...datasetErrors],
})

export const showOntology = operation({
  id: 'ontology.show',
  summary: 'Show the classes of a dataset with colours, hotkeys and definitions',
  effect: 'read',
  input: z.object({ dataset: datasetRef }),
  output: z.object({ classes: z.array(ontologyClass) }),
  errors: [...datasetErrors],
})

export const editClass = operation({
  id: 'ontology.edit-class',
  summary: 'Add a class, or change its name, colour, hotkey or definition',
  effect: 'write',
  input: z.object({
    dataset: datasetRef,
    class: z.string().min(1).describe('The class as it is called now; an unknown one is added'),
    rename: z.string().min(1).max(500).optional(),
    color: ontologyClass.shape.color.optional(),
    hotkey: ontologyClass.shape.hotkey.optional(),
    definition: ontologyClass.shape.definition.optional(),
  }),
  output: z.object({ class: ontologyClass, change: z.string().nullable() }),
  errors: [...datasetErrors, 'INPUT_INVALID'],
})

export const fieldDescription = z.object({
  name: z.string(),
  type: z.enum(['number', 'integer', 'string', 'boolean', 'datetime']),
  unit: z.string().nullable(),
  summary: z.string(),
  writable: z.boolean(),
  builtIn: z.boolean(),
})

export const listFields = operation({
  id: 'field.list',
  summary: 'List the fields of a dataset with types and units',
  effect: 'read',
  input: z.object({ dataset: datasetRef }),
  output: z.object({ fields: z.array(fieldDescription) }),
  errors: [...datasetErrors],
})

export const fieldName = z
  .string()
  .max(100)
  .regex(
    /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u,
    'A field name is letters, digits and "_", in parts separated by dots',
  )

export const addField = operation({
  id: 'field.add',
  summary: 'Add a typed field to the samples of a dataset',
  effect: 'write',
  input: z.object({
    dataset: datasetRef,
    name: fieldName,
    type: fieldDescription.shape.type,
    unit: z.string().max(100).optional(),
    summary: z.string().max(1_000).default(''),
  }),
  output: z.object({ change: z.string() }),
  errors: [...datasetErrors, 'FIELD_EXISTS'],
})

export const removeField = operation({
  id: 'field.remove',
  summary: 'Remove a field of your own with all its values; undo brings it back',
  effect: 'destructive',
  input: z.object({ dataset: datasetRef, name: z.string() }),
  output: changeResult,
  errors: [...datasetErrors, 'FIELD_NOT_FOUND', 'FIELD_READ_ONLY'],
})
