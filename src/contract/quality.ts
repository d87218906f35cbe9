import { z } from 'zod'
import { operation } from './operation.ts'
import { changeResult, datasetRef, queryText, sampleIdText, selectionErrors } from './shared.ts'
import { spaceRef } from './spaces.ts'

const layerName = z.string().min(1).max(200)
const labelsLayer = layerName.default('truth').describe('Layer of the labels that are judged')
const worstLimit = z.number().int().min(0).max(10_000).default(20).describe('How many of the worst are answered')

/** A sample among the worst. */
const judged = z.object({ sample: sampleIdText, path: z.string() })

export const labelErrorMethods = [
  'auto',
  'noise-rate',
  'class',
  'both',
  'confident-learning',
  'low-margin',
  'low-self-confidence',
  'disagreement',
] as const

export const findLabelErrors = operation({
  id: 'quality.label-errors',
  summary:
    'Find samples whose class is probably wrong; written as label_quality, suggested_class and the tag label_error',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    layer: labelsLayer,
    predictions: layerName
      .optional()
      .describe(
        'Layer with scored class labels of a model that has not seen them; without, models are made of the embeddings',
      ),
    space: spaceRef.describe('Embeddings to make models of'),
    method: z
      .enum(labelErrorMethods)
      .default('auto')
      .describe(
        'auto: where the model disagrees and its confidence in the class is among the lowest; the others as in cleanlab',
      ),
    folds: z.number().int().min(2).max(20).default(5).describe('Parts; each is judged by models of the others'),
    seed: z.number().int().min(0).default(0),
    limit: worstLimit,
    save: z.boolean().default(true).describe('Write fields and tag'),
  }),
  output: z.object({
    method: z.enum(labelErrorMethods),
    rule: z.string().describe('What was held for an error, in words'),
    source: z.string().describe('Where the probabilities came from'),
    samples: z.number().int().describe('Samples judged'),
    skipped: z.array(z.object({ reason: z.string(), count: z.number().int() })),
    agreement: z.number().describe('Share of the samples whose class is the most probable one'),
    estimated: z
      .number()
      .int()
      .describe('Errors there are by the calibrated joint counts; a model that errs raises it'),
    count: z.number().int().describe('Samples tagged label_error'),
    classes: z.array(
      z.object({ class: z.string(), samples: z.number().int(), threshold: z.number(), errors: z.number().int() }),
    ),
    worst: z
      .array(judged.extend({ class: z.string(), suggested: z.string(), quality: z.number(), confidence: z.number() }))
      .describe('Lowest quality first, of those tagged'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'FIELD_READ_ONLY', 'PROBABILITIES_INVALID'],
})

export const acceptSuggestions = operation({
  id: 'quality.accept',
  summary: 'Give samples the class that was suggested for them',
  effect: 'write',
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Among these; those without a suggestion are left alone'),
    layer: labelsLayer,
  }),
  output: changeResult.extend({
    corrections: z.array(z.object({ from: z.string(), to: z.string(), count: z.number().int() })),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND'],
})
