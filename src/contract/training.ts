import { z } from 'zod'
import { modelName } from './models.ts'
import { operation } from './operation.ts'
import { datasetRef, queryText, selectionErrors } from './shared.ts'

export const trainingTasks = ['classification', 'multilabel', 'regression', 'segmentation', 'anomaly'] as const
export type TrainingTask = (typeof trainingTasks)[number]

export const trainerNames = ['head', 'patchcore', 'torch', 'command'] as const
export type TrainerName = (typeof trainerNames)[number]

const parameter = z.union([z.string(), z.number(), z.boolean()])
const figures = z.record(z.string(), z.number()).describe('By name; of the validation part')

const trainingInput = {
  dataset: datasetRef,
  query: queryText.describe('Data to learn from and to validate on; empty: all that is labelled for the task'),
  task: z.enum(trainingTasks),
  trainer: z.enum(trainerNames).optional().describe('head where left out, patchcore for anomaly'),
  layer: z.string().min(1).default('truth').describe('Layer with the labels that are learnt'),
  field: z.string().min(1).optional().describe('Regression: field whose number is learnt'),
  normal: z
    .string()
    .min(1)
    .optional()
    .describe('Anomaly: class of the pictures that are as they should be; else good, normal, ok or free'),
  params: z.record(z.string(), parameter).default({}).describe('Parameters of the trainer; see training.trainers'),
  validation: z
    .union([z.number().gt(0).lt(1), z.string().min(1).max(20_000)])
    .optional()
    .describe('Share held out, or a query; else the splits train and val where the data has both, else 0.2'),
  group: z
    .string()
    .min(1)
    .default('duplicates')
    .describe('duplicates, none, or a field whose equal values stay on one side of the share held out'),
  model: modelName.optional().describe('Name it is registered under; else <dataset>-<task>'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0),
  fresh: z.boolean().default(false).describe('Do not take up the last run of this call where that did not end'),
}

const trainingErrors = [
  ...selectionErrors,
  'LAYER_NOT_FOUND',
  'FIELD_NOT_FOUND',
  'FIELD_TYPE',
  'CLASS_NOT_FOUND',
  'TRAINING_DATA',
  'TRAINER_FAILED',
  'METRIC_INVALID',
  'RUN_NOT_FOUND',
  'MODEL_EXISTS',
  'MODEL_INVALID',
  'MODEL_MISMATCH',
  'MODEL_OUTPUT',
  'MEDIA_MISSING',
  'MEDIA_UNREADABLE',
  'MEDIA_TOO_LARGE',
  'SOURCE_NOT_FOUND',
] as const

export const trainModel = operation({
  id: 'training.train',
  summary: 'Train a model on a slice of a dataset and register it',
  effect: 'write',
  long: true,
  input: z.object({
    ...trainingInput,
    resume: z.string().min(1).optional().describe('Run to take up where it stopped; its parameters must be the same'),
  }),
  output: z.object({
    run: z.string(),
    model: z.string().describe('NAME:VERSION'),
    trainer: z.enum(trainerNames),
    metrics: figures,
    classes: z.array(z.string()),
    samples: z.int().describe('Learnt from'),
    validation: z.int().describe('Held out'),
    skipped: z.int().describe('Matched, but without what the task needs'),
    heldOut: z.string().nullable().describe('Query that finds the samples held out, for evaluating'),
    resumed: z.boolean(),
    seconds: z.number(),
    notes: z.array(z.string()),
  }),
  errors: trainingErrors,
})

const choice = z.union([
  z.array(parameter).min(1).max(1000),
  z
    .object({
      low: z.number(),
      high: z.number(),
      log: z.boolean().default(false).describe('Even in the logarithm; both bounds above 0'),
      whole: z.boolean().default(false).describe('Whole numbers only'),
    })
    .refine(({ low, high, log }) => low < high && (!log || low > 0), 'Expected low < high, and low > 0 with log'),
])
export type SweepChoice = z.output<typeof choice>

export const sweepParameters = operation({
  id: 'training.sweep',
  summary: 'Train with many parameters, compare the runs and register the best model',
  effect: 'write',
  long: true,
  input: z.object({
    ...trainingInput,
    space: z.record(z.string(), choice).describe('Values of each parameter that is tried: a list, or bounds'),
    strategy: z
      .enum(['grid', 'random', 'halving'])
      .optional()
      .describe(
        'grid where all are lists, else random; halving gives many few epochs and the best third of them three times as many',
      ),
    trials: z.int().min(1).max(1000).default(16).describe('Random and halving: how many sets are tried; grid: at most'),
    metric: z.string().min(1).optional().describe('By which runs are ordered; else that of the task'),
    direction: z.enum(['max', 'min']).optional().describe('Else min for errors and losses'),
  }),
  output: z.object({
    run: z.string(),
    metric: z.string(),
    direction: z.enum(['max', 'min']),
    trials: z
      .array(
        z.object({
          run: z.string(),
          params: z.record(z.string(), parameter).describe('Those that differ'),
          value: z.number().nullable().describe('Null where it failed'),
          epochs: z.number().nullable(),
          seconds: z.number(),
          error: z.string().nullable(),
        }),
      )
      .describe('The best first'),
    model: z.string().describe('NAME:VERSION of the best'),
    metrics: figures,
    heldOut: z.string().nullable().describe('Query that finds the samples held out, for evaluating'),
    notes: z.array(z.string()),
    resumed: z.int().describe('Runs that an earlier try of this sweep had done'),
    seconds: z.number(),
  }),
  errors: trainingErrors,
})

export const listTrainers = operation({
  id: 'training.trainers',
  summary: 'List what can train, for which tasks and with which parameters',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    trainers: z.array(
      z.object({
        name: z.enum(trainerNames),
        title: z.string(),
        tasks: z.array(z.enum(trainingTasks)),
        parameters: z.array(
          z.object({
            name: z.string(),
            tasks: z.array(z.enum(trainingTasks)).describe('That it counts for'),
            type: z.string(),
            default: parameter.nullable(),
            description: z.string(),
          }),
        ),
      }),
    ),
  }),
  errors: [],
})
