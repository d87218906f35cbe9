import { z } from 'zod'
import { judgedLabels } from './evaluation.ts'
import { operation } from './operation.ts'
import { modelReference, runErrors, unreadPictures } from './prediction.ts'
import { datasetRef, queryText, sampleIdText, selectionErrors } from './shared.ts'

const part = z.number().nullable()
/** A figure and where 95 % of bootstrap samples of the pictures lie; without an interval where there is nothing to draw from. */
const figure = z.object({ value: part, low: part, high: part })
const figures = z.record(z.string(), figure)

const judgedSlice = z.object({
  name: z.string().describe('Name of the saved slice, or the condition that makes it'),
  query: z.string().describe('Finds its samples'),
  samples: z.number().int(),
  value: part.describe('Of the main figure'),
  low: part,
  high: part,
  figures: z.record(z.string(), part),
  apart: z.boolean().describe('The figure of all samples lies outside the interval'),
})

const common = {
  dataset: datasetRef,
  query: queryText,
  truth: z.string().min(1).default('truth').describe('Layer with the labels that are right'),
  minScore: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Only predictions as sure as that count as right or wrong; without it the card of the model decides'),
  normal: z
    .array(z.string().min(1))
    .default(['free', 'good', 'normal', 'ok'])
    .describe(
      'Anomaly models: classes of pictures without a fault, in any case; a picture without a label has none either',
    ),
  rounds: z.number().int().min(0).max(10_000).default(1_000).describe('Of the bootstrap; 0 leaves out intervals'),
  seed: z.number().int().min(0).default(0).describe('Of the bootstrap'),
}

export const evaluationSchema = z.object({
  model: z.string().describe('NAME:VERSION'),
  task: z.string(),
  dataset: z.string(),
  query: z.string(),
  truth: z.string(),
  layer: z.string().nullable().describe('Layer that was judged in place of running the model'),
  at: z.string(),
  samples: z.number().int().describe('Judged'),
  skipped: z.record(z.string(), z.number().int()).describe('Samples that were not judged, by the reason'),
  problems: unreadPictures,
  main: z.string().describe('Figure by which slices are ranked'),
  lowerIsBetter: z.boolean(),
  figures,
  classes: z.array(
    z.object({ class: z.string(), truths: z.number(), predictions: z.number(), figures: z.record(z.string(), part) }),
  ),
  confusion: z
    .object({ classes: z.array(z.string()), counts: z.array(z.array(z.number())) })
    .nullable()
    .describe(
      '[true class][predicted class]; of boxes and masks the last of both, (none), stands for what was missed or is not there; masks count pictures',
    ),
  reliability: z
    .array(
      z.object({ low: z.number(), high: z.number(), count: z.number().int(), score: z.number(), accuracy: z.number() }),
    )
    .nullable()
    .describe('Bins of the best score that are not empty: mean score beside the share that is right'),
  curves: z.array(z.object({ name: z.string(), x: z.array(z.number()), y: z.array(z.number()) })),
  slices: z.array(judgedSlice).describe('As asked for'),
  worst: z.array(judgedSlice).describe('Found over all fields, the worst first, at most 10'),
  outcomes: z.array(z.object({ outcome: z.string(), samples: z.number().int(), query: z.string().nullable() })),
  fields: z.array(z.string()).describe('Written: what each sample came to'),
  labels: judgedLabels
    .nullable()
    .default(null)
    .describe('Written: what each label came to; null for tasks without such labels'),
})
export type EvaluationResult = z.output<typeof evaluationSchema>

export const evaluateModel = operation({
  id: 'evaluation.model',
  summary:
    'Judge a registered model on samples with labels: figures with intervals, slices, the worst slices, each error',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    ...common,
    samples: z.array(sampleIdText).max(1_000_000).optional().describe('Judge only these of what the query matches'),
    layer: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Judge what models.predict wrote there; the model is not run'),
    slices: z
      .array(z.string().min(1))
      .max(50)
      .default([])
      .describe('Saved slices, or fields: numbers in quartiles, others by value'),
    support: z.number().int().min(2).default(20).describe('Samples that a slice has at least to be among the worst'),
    dryRun: z.boolean().default(false).describe('Only answer: write no fields, attach nothing to the model'),
  }),
  output: evaluationSchema.extend({
    run: z.string().describe('The run, with evaluation.json among its artefacts'),
    change: z.string().nullable(),
  }),
  errors: [
    ...selectionErrors,
    ...runErrors,
    'LAYER_NOT_FOUND',
    'FIELD_NOT_FOUND',
    'FIELD_TYPE',
    'FIELD_READ_ONLY',
    'INPUT_INVALID',
  ],
})

export const showEvaluation = operation({
  id: 'evaluation.show',
  summary: 'Show the latest evaluation of a version of a model',
  effect: 'read',
  input: z.object({ model: modelReference }),
  output: evaluationSchema,
  errors: ['MODEL_NOT_FOUND', 'SOURCE_NOT_FOUND'],
})

const flipped = z.object({ sample: sampleIdText, before: z.string(), after: z.string() })

export const compareModels = operation({
  id: 'evaluation.compare',
  summary:
    'Hold two registered models against each other on the same samples: differences with intervals, flipped samples',
  effect: 'write',
  long: true,
  input: z.object({
    before: modelReference,
    after: modelReference,
    ...common,
    dryRun: z.boolean().default(false).describe('Only answer: write no field'),
  }),
  output: z.object({
    before: z.string(),
    after: z.string(),
    task: z.string(),
    samples: z.number().int().describe('Judged with both'),
    skipped: z.record(z.string(), z.number().int()),
    main: z.string(),
    lowerIsBetter: z.boolean(),
    figures: z.record(
      z.string(),
      z.object({
        before: part,
        after: part,
        difference: part.describe('after − before, paired over the same samples'),
        low: part,
        high: part,
      }),
    ),
    mcnemar: z
      .object({
        lost: z.number().int(),
        gained: z.number().int(),
        p: z.number().describe('Exact, two sides: how likely so uneven flips are if both models are as good'),
      })
      .nullable(),
    lost: z.array(flipped).describe('Right before and wrong after, at most 50'),
    gained: z.array(flipped).describe('Wrong before and right after, at most 50'),
    queries: z.object({ lost: z.string(), gained: z.string() }).nullable().describe('Find the flipped samples'),
    field: z.string().nullable(),
    change: z.string().nullable(),
    run: z.string(),
  }),
  errors: [
    ...selectionErrors,
    ...runErrors,
    'LAYER_NOT_FOUND',
    'FIELD_NOT_FOUND',
    'FIELD_TYPE',
    'FIELD_READ_ONLY',
    'INPUT_INVALID',
  ],
})
