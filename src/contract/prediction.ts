import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetRef, queryText, sampleIdText, selectionErrors } from './shared.ts'

/** What names a registered model. */
export const modelReference = z
  .string()
  .min(1)
  .max(300)
  .describe('NAME (its champion, else the newest version), NAME@ALIAS or NAME:VERSION')

/** What running a registered model over samples may raise. */
export const runErrors = ['MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT'] as const

/** Pictures that could not be looked at. */
export const unreadPictures = z
  .array(z.object({ sample: sampleIdText, path: z.string(), what: z.string(), fix: z.string() }))
  .describe('Pictures that could not be read, at most 20')

export const predictModel = operation({
  id: 'models.predict',
  summary: 'Write what a registered model says of samples into a layer; with --min-score that is pre-labelling',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    dataset: datasetRef,
    query: queryText,
    layer: z.string().min(1).max(200).optional().describe('Layer to write to; the name of the model when left out'),
    minScore: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Only labels as sure as that; without it the card of the model decides'),
    replace: z
      .boolean()
      .default(false)
      .describe('Write over labels that the layer holds from elsewhere, or from another version of the model'),
    addClasses: z.boolean().default(false).describe('Add classes to the ontology that it lacks'),
  }),
  output: z.object({
    model: z.string().describe('NAME:VERSION that was run'),
    task: z.string(),
    layer: z.string(),
    samples: z.number().int(),
    predicted: z.number().int(),
    unchanged: z.number().int().describe('Samples that this version had predicted before, with the same settings'),
    unreadable: z.number().int(),
    problems: unreadPictures,
    labels: z.number().int(),
    fields: z.array(z.string()).describe('Written beside the labels: numbers of a regression, score of an anomaly'),
    addedClasses: z.array(z.string()),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, ...runErrors, 'CLASS_NOT_FOUND', 'INPUT_INVALID', 'FIELD_TYPE', 'FIELD_READ_ONLY'],
})
