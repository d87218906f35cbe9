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

export const findBoxErrors = operation({
  id: 'quality.box-errors',
  summary: 'Find boxes that were overlooked, badly placed or given the wrong class, by the boxes a model found',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    layer: labelsLayer,
    predictions: layerName.describe('Layer with scored boxes of a model'),
    threshold: z.number().min(0).max(1).default(0.5).describe('Boxes that score below are errors'),
    limit: worstLimit,
    save: z.boolean().default(true).describe('Write the field box_quality and the tag box_error'),
  }),
  output: z.object({
    samples: z.number().int(),
    skipped: z.array(z.object({ reason: z.string(), count: z.number().int() })),
    count: z.number().int().describe('Samples with an error, tagged box_error'),
    boxes: z.number().int().describe('Boxes judged'),
    predicted: z.number().int().describe('Boxes of the model'),
    overlooked: z.number().int(),
    misplaced: z.number().int(),
    swapped: z.number().int(),
    worst: z
      .array(
        judged.extend({
          quality: z.number(),
          errors: z.number().int().describe('Boxes of the sample that score below the threshold'),
          overlooked: z.number(),
          misplaced: z.number(),
          swapped: z.number(),
          what: z.string(),
        }),
      )
      .describe('Samples, lowest quality first'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'PROBABILITIES_INVALID'],
})

export const measureAgreement = operation({
  id: 'quality.agreement',
  summary: 'Measure how far several annotators agree, what they agree on, and how good each is',
  effect: 'read',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    layers: z
      .array(layerName)
      .min(1)
      .max(100)
      .default(['truth'])
      .describe('One layer: annotators are the authors of its labels; several: each layer is an annotator'),
    of: z.enum(['classes', 'boxes']).default('classes'),
    iou: z.number().min(0).max(1).default(0.5).describe('boxes: overlap from which two are the same object'),
    assumeSeen: z
      .boolean()
      .default(false)
      .describe(
        'boxes: every annotator looked at every sample, so that drawing nothing means that there is nothing; else only where the data say so: a label of theirs, or the tag seen:NAME',
      ),
    predictions: layerName.optional().describe('classes: layer of a model, for CROWDLAB; without, votes alone count'),
    limit: worstLimit,
  }),
  output: z.object({
    of: z.enum(['classes', 'boxes']),
    method: z.string().describe('How consensus and quality were found'),
    samples: z.number().int().describe('With a vote'),
    compared: z.number().int().describe('Samples, or objects, with votes of at least two'),
    annotators: z.array(
      z.object({
        name: z.string(),
        votes: z.number().int(),
        seen: z.number().int().describe('Samples that it looked at, by a label of its own, a tag, or as assumed'),
        agreement: z.number().nullable().describe('Share of its votes that are the consensus, where others voted'),
        quality: z.number().nullable().describe('CROWDLAB, 0 to 1'),
      }),
    ),
    pairs: z.array(
      z.object({
        a: z.string(),
        b: z.string(),
        both: z.number().int(),
        agreement: z.number(),
        kappa: z.number().nullable().describe("Cohen's κ; null where both use one class alone"),
        iou: z.number().nullable().describe('boxes: mean overlap of what both have'),
      }),
    ),
    kappa: z.number().nullable().describe("Fleiss' κ; null unless all have the same number of votes"),
    alpha: z.number().nullable().describe("Krippendorff's α, nominal; null where there is nothing to compare"),
    worst: z
      .array(
        judged.extend({
          votes: z.array(z.object({ annotator: z.string(), class: z.string() })),
          consensus: z.string(),
          quality: z.number(),
        }),
      )
      .describe('Lowest quality of the consensus first'),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'PROBABILITIES_INVALID'],
})
export const findMaskErrors = operation({
  id: 'quality.mask-errors',
  summary: 'Score masks pixel by pixel against the scored masks of a model',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    layer: labelsLayer,
    predictions: layerName.describe(
      'Layer with masks or polygons that have scores: the probability of their class in their pixels',
    ),
    threshold: z.number().min(0).max(1).default(0.5).describe('Samples that score below are tagged'),
    limit: worstLimit,
    save: z.boolean().default(true).describe('Write the field mask_quality and the tag mask_error'),
  }),
  output: z.object({
    samples: z.number().int(),
    skipped: z.array(z.object({ reason: z.string(), count: z.number().int() })),
    count: z.number().int().describe('Samples below the threshold'),
    worst: z
      .array(judged.extend({ quality: z.number(), doubted: z.number() }))
      .describe('Lowest quality first; doubted: share of pixels whose class has a probability below 0.5'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'PROBABILITIES_INVALID'],
})
