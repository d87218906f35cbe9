import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetRef, queryText, sampleIdText, selectionErrors } from './shared.ts'

const layers = {
  truth: z.string().min(1).default('truth').describe('Layer with the labels that are right'),
  predictions: z.string().min(1).describe('Layer with the labels that are judged'),
}
const dryRun = z
  .boolean()
  .default(false)
  .describe('Only answer; do not write the fields and attributes by which errors are found with a query')
const part = z.number().nullable()
const interval = z
  .object({ low: z.number(), high: z.number() })
  .describe('95 % of 1000 bootstrap samples of the pictures lie within')

/** What an evaluation told labels one by one. */
export const judgedLabels = z.object({
  attribute: z
    .string()
    .describe(
      'Of true and predicted labels: tp, fp, fn or confused; with _iou, _class and _match of the label on the other side',
    ),
  layer: z.string().describe('Layer of the predictions'),
  outcomes: z.array(
    z.object({
      outcome: z.enum(['tp', 'confused', 'fp', 'fn']),
      labels: z.number().int().describe('Predicted ones; for fn true ones'),
      query: z.string().describe('Finds the samples with such a label'),
    }),
  ),
})

export const evaluateBoxes = operation({
  id: 'evaluation.boxes',
  summary: 'Hold predicted boxes against the truth: average precision and recall as COCO defines them, and each error',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    ...layers,
    minScore: z.number().min(0).max(1).default(0.5).describe('Predictions from this score on count as right or wrong'),
    dryRun,
  }),
  output: z.object({
    samples: z.number().int(),
    truths: z.number().int(),
    predictions: z.number().int(),
    figures: z.object({
      ap: part.describe('Mean average precision over IoU 0.50 to 0.95'),
      ap50: part,
      ap75: part,
      apSmall: part.describe('Areas up to 32² px'),
      apMedium: part.describe('Areas up to 96² px'),
      apLarge: part,
      ar1: part.describe('Average recall with one prediction an image and class'),
      ar10: part,
      ar100: part,
      arSmall: part,
      arMedium: part,
      arLarge: part,
    }),
    at: z
      .object({
        right: z.number().int(),
        wrong: z.number().int(),
        missed: z.number().int(),
        precision: part,
        recall: part,
        f1: part,
      })
      .describe('At IoU 0.5, predictions of minScore and above'),
    classes: z.array(
      z.object({
        class: z.string(),
        truths: z.number().int(),
        predictions: z.number().int(),
        ap: part,
        ap50: part,
        right: z.number().int(),
        wrong: z.number().int(),
        missed: z.number().int(),
      }),
    ),
    worst: z
      .array(z.object({ sample: sampleIdText, wrong: z.number().int(), missed: z.number().int() }))
      .describe('At most 20'),
    confusion: z
      .object({ classes: z.array(z.string()), counts: z.array(z.array(z.number().int())) })
      .describe(
        'At IoU 0.5: [true class][predicted class]; the last of both, (none), stands for what was missed or is not there',
      ),
    fields: z.array(z.string()).describe('Written: right, wrong and missed boxes of each sample'),
    labels: judgedLabels.nullable().describe('Written: what each box came to'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'FIELD_READ_ONLY'],
})

export const evaluateClasses = operation({
  id: 'evaluation.classes',
  summary: 'Hold predicted classes of pictures against the truth: accuracy, precision, recall, calibration, confusion',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    ...layers,
    seed: z.number().int().min(0).default(0).describe('Of the bootstrap'),
    dryRun,
  }),
  output: z.object({
    samples: z.number().int().describe('With exactly one true class and at least one predicted'),
    skipped: z.object({
      unlabelled: z.number().int(),
      severalClasses: z.number().int(),
      unpredicted: z.number().int(),
    }),
    accuracy: part,
    accuracyInterval: interval.nullable(),
    balancedAccuracy: part.describe('Mean recall of the classes'),
    macroF1: part,
    macroF1Interval: interval.nullable(),
    weightedF1: part,
    top5: part.describe('Where a sample has several predicted classes with scores'),
    calibrationError: part.describe('Expected calibration error of the best score, 15 bins'),
    auroc: part.describe('Mean over classes, one against the rest; where every sample has a score for every class'),
    classes: z.array(
      z.object({
        class: z.string(),
        truths: z.number().int(),
        predictions: z.number().int(),
        precision: part,
        recall: part,
        f1: part,
      }),
    ),
    confusion: z.array(z.array(z.number().int())).describe('[true class][predicted class], in the order of classes'),
    field: z.string().nullable().describe('Written: "right", or what was taken for what'),
    labels: judgedLabels.nullable().describe('Written: what each class came to'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'FIELD_READ_ONLY'],
})

const pixelFigures = {
  dice: part.describe('2 · shared ÷ (true + predicted) pixels: F1 of pixels'),
  iou: part,
  precision: part,
  recall: part,
}

export const evaluateMasks = operation({
  id: 'evaluation.masks',
  summary:
    'Hold predicted masks and polygons against the truth, pixel by pixel: Dice and IoU, pooled, by class and by picture',
  effect: 'write',
  long: true,
  input: z.object({ dataset: datasetRef, query: queryText, ...layers, dryRun }),
  output: z.object({
    samples: z.number().int(),
    empty: z.number().int().describe('Samples without a mask on either side; they count for no mean'),
    pooled: z.object(pixelFigures).describe('Pixels of all samples together, whatever their class'),
    meanDice: part.describe('Mean over samples that are not empty'),
    classes: z.array(
      z.object({ class: z.string(), samples: z.number().int(), pixels: z.number().int(), ...pixelFigures }),
    ),
    worst: z.array(z.object({ sample: sampleIdText, dice: z.number() })).describe('At most 20'),
    field: z.string().nullable().describe('Written: Dice of each sample'),
    labels: judgedLabels.nullable().describe('Written: what each mask and polygon came to'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE', 'FIELD_READ_ONLY'],
})
