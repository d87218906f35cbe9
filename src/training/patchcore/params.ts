import { z } from 'zod'

/** What the anomaly detector can be told. */
export const patchcoreParams = z.strictObject({
  size: z
    .int()
    .min(64)
    .max(1024)
    .multipleOf(32)
    .default(192)
    .describe(
      'Side that pictures are resized to, px; a multiple of 32. Larger sees smaller things, in faults and in what is normal',
    ),
  maps: z
    .enum(['stride8', 'stride16', 'stride8+stride16'])
    .default('stride16')
    .describe('Maps of the backbone that describe a patch'),
  brightness: z
    .enum(['keep', 'even'])
    .default('even')
    .describe('even: every picture is brought to the same mean and spread of its levels, inside the network'),
  scaling: z
    .enum(['none', 'whiten'])
    .default('none')
    .describe('whiten: distances count each direction by its spread over normal patches (Mahalanobis)'),
  smooth: z
    .int()
    .min(0)
    .max(4)
    .default(1)
    .describe('Cells to each side, of the grid of patches, over which distances are averaged; 0: none'),
  places: z
    .enum(['same', 'even'])
    .default('even')
    .describe(
      'even: distances are brought to the same mean and spread at every place, by normal pictures held out of the bank',
    ),
  overview: z
    .boolean()
    .default(true)
    .describe(
      'Score pictures as a whole too: by means and spreads of features at half the size, measured by normal pictures held out of the bank, five at least',
    ),
  mirror: z.boolean().default(false).describe('Remember mirrored pictures as well'),
  pool: z.int().min(100).max(2_000_000).default(100_000).describe('Patches drawn from all pictures, at most'),
  bank: z.int().min(10).max(50_000).default(4000).describe('Patches that are remembered, at most'),
  projection: z
    .int()
    .min(0)
    .max(1024)
    .default(64)
    .describe('Random directions in which patches are compared while the bank is chosen; 0: as they are'),
  neighbours: z
    .int()
    .min(1)
    .max(100)
    .default(9)
    .describe('Remembered patches around the nearest one that weigh the score of a picture; 1: no weighing'),
  share: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe('Share of the picture whose highest distances are averaged as its score; 0: the highest one, weighed'),
  blur: z.number().min(0).max(64).default(4).describe('Standard deviation of the blur of the map, px'),
  quantile: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.98)
    .describe('Share of held-out normal pictures below the threshold, where no anomalies are held out'),
})
export type PatchcoreParams = z.output<typeof patchcoreParams>
