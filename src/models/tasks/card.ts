import { z } from 'zod'
import { baseCard, readCardAs } from '../card.ts'

const activation = z
  .enum(['none', 'softmax', 'sigmoid'])
  .default('none')
  .describe('What makes probabilities of the output; none when the network did so')
const probability = z.number().min(0).max(1)
const classes = z.string().describe('JSON file with the names of the classes, beside the card')

const scored = z.strictObject({ scores: z.string().describe('[N, classes]'), activation, classes })

/** What a network of each task answers; `docs/models.md` explains each key. */
const outputs = {
  classification: scored,
  multilabel: scored.extend({ threshold: probability.default(0.5) }),
  regression: z.strictObject({
    values: z.string().describe('[N, names]'),
    names: z.array(z.string().min(1)).min(1).describe('Fields, in the order of the output'),
  }),
  segmentation: z.strictObject({
    scores: z.string().describe('[N, channels, height, width], of any height and width'),
    activation,
    classes,
    background: z.boolean().default(true).describe('The first channel is the background, and no class'),
    threshold: probability
      .default(0.5)
      .describe('Without a background channel: from here on a pixel is of its best class'),
  }),
  detection: z.strictObject({
    boxes: z.string().describe('[N, boxes, 4]'),
    scores: z.string().describe('[N, boxes, classes], or [N, boxes] beside `labels`'),
    labels: z.string().optional().describe('[N, boxes]: number of the class'),
    format: z.enum(['xyxy', 'xywh', 'cxcywh']).default('xyxy'),
    unit: z.enum(['px', 'fraction']).default('px').describe('px of the network’s input, or fractions of it'),
    classes,
    threshold: probability.default(0.25),
    iou: probability.default(0.5).describe('Of two boxes of a class that overlap more, the better stays; 1 keeps all'),
    limit: z.int().min(1).max(10_000).default(300),
  }),
  anomaly: z.strictObject({
    score: z.string().describe('[N] or [N, 1]: higher is odder'),
    map: z.string().optional().describe('[N, 1, height, width]'),
    threshold: z.number().describe('From this score on it is an anomaly'),
  }),
} as const

export const modelTasks = [
  'classification',
  'multilabel',
  'regression',
  'segmentation',
  'detection',
  'anomaly',
] as const
export type ModelTask = (typeof modelTasks)[number]

/** The card of a model that answers a task. */
export const taskCardSchema = z.discriminatedUnion(
  'task',
  [
    baseCard.extend({ task: z.literal('classification'), output: outputs.classification }),
    baseCard.extend({ task: z.literal('multilabel'), output: outputs.multilabel }),
    baseCard.extend({ task: z.literal('regression'), output: outputs.regression }),
    baseCard.extend({ task: z.literal('segmentation'), output: outputs.segmentation }),
    baseCard.extend({ task: z.literal('detection'), output: outputs.detection }),
    baseCard.extend({ task: z.literal('anomaly'), output: outputs.anomaly }),
  ],
  { error: `Expected a task: ${modelTasks.join(', ')}` },
)
export type TaskCard = z.output<typeof taskCardSchema>

/** Reads the card of a model that answers a task. Throws MODEL_INVALID that names every fault with its key. */
export const readTaskCard = (file: string): Promise<TaskCard> => readCardAs(file, taskCardSchema)
