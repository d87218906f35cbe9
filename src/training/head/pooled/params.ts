import { z } from 'zod'

const base = {
  size: z.int().min(32).max(1024).multipleOf(32).default(224).describe('Side of the network’s input, px'),
  resize: z
    .enum(['exact', 'shorter', 'letterbox'])
    .default('exact')
    .describe('exact squeezes, shorter crops the centre, letterbox pads'),
  features: z
    .enum(['last', 'all'])
    .default('all')
    .describe('last: the backbone’s features; all: means and maxima of earlier maps too, which see small things'),
  views: z
    .int()
    .min(0)
    .max(32)
    .default(0)
    .describe('Looks at each picture, all but the first varied; 0: 1 to 4 by how many there are'),
  flip: z.enum(['none', 'horizontal', 'both']).default('horizontal').describe('Mirroring of varied looks'),
  crop: z.number().min(0.3).max(1).default(0.75).describe('Least side of what varied looks see, as a share'),
  light: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.15)
    .describe('Change of brightness and contrast of varied looks, at most'),
  epochs: z.int().min(1).max(10_000).default(60),
  patience: z
    .int()
    .min(0)
    .max(10_000)
    .default(12)
    .describe('Epochs without a lower validation loss after which it stops; 0: never'),
  batch: z.int().min(1).max(65_536).default(128),
  learningRate: z
    .number()
    .gt(0)
    .max(10)
    .default(0.0003)
    .describe('Highest learning rate; it rises for a twentieth and falls as a cosine'),
  weightDecay: z.number().min(0).max(100).default(0.02).describe('Decoupled weight decay of AdamW'),
  hidden: z.int().min(0).max(4096).default(0).describe('Units of a hidden layer; 0 for none'),
  dropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0)
    .describe('Share of the inputs of the last layer left out in each step'),
}

/** Parameters of classes of pictures, one or several each. */
export const classParams = z.strictObject({
  ...base,
  smoothing: z.number().min(0).max(0.5).default(0.05).describe('Share of certainty given to all classes alike'),
  balance: z.boolean().default(false).describe('Rare classes weigh as much as frequent ones'),
})

/** Those of a number of each picture. */
export const valueParams = z.strictObject({
  ...base,
  crop: base.crop.default(0.9),
  light: base.light.default(0),
  learningRate: base.learningRate.default(0.003),
  hidden: base.hidden.default(128),
})

export type PooledParams = z.output<typeof classParams> | z.output<typeof valueParams>
