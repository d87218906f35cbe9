import { z } from 'zod'

/** What the segmenter can be told. */
export const segmentParams = z.strictObject({
  epochs: z
    .int()
    .min(1)
    .max(10_000)
    .default(30)
    .describe('Times every picture is looked at, at most; small sets are looked at several times an epoch'),
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(0.003)
    .describe('Highest; it rises at first, then falls along a cosine'),
  weightDecay: z.number().min(0).max(10).default(0.05),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('Share of channels of features that each picture of a step is shown without'),
  batch: z.int().min(1).max(256).default(8).describe('Pictures a step'),
  size: z
    .int()
    .min(32)
    .max(2048)
    .multipleOf(32)
    .default(224)
    .describe('Side that pictures are resized to, px; a multiple of 32'),
  width: z.int().min(4).max(256).default(48).describe('Channels of the decoder'),
  augment: z
    .enum(['none', 'mirror', 'all'])
    .default('all')
    .describe(
      'mirror: left and right exchanged; all: mirrored and turned by quarters; both change brightness and contrast',
    ),
  patience: z
    .int()
    .min(0)
    .max(10_000)
    .default(12)
    .describe('Epochs without a better validation after which it stops; 0: never'),
})
export type SegmentParams = z.output<typeof segmentParams>
