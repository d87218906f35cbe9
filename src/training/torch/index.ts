import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { FoveaError } from '#base'
import { builtInBackbone } from '#models'
import { runTrainer } from '../exported/run-trainer.ts'
import type { Trainer } from '../types.ts'
import { probePython, type PythonDeps } from './probe.ts'

const script = fileURLToPath(new URL('./script/train.py', import.meta.url))

const params = z.strictObject({
  size: z
    .int()
    .min(64)
    .max(1024)
    .multipleOf(32, 'Expected a multiple of 32')
    .default(224)
    .describe('Side of the network’s input, px'),
  epochs: z.int().min(1).max(10_000).default(24),
  batch: z.int().min(2).max(1024).default(8).describe('Pictures a step'),
  learningRate: z
    .number()
    .gt(0)
    .max(1)
    .default(2e-3)
    .describe('Highest learning rate of the new layers; it rises for a tenth and falls as a cosine'),
  encoderRate: z.number().min(0).max(1).default(0.1).describe('Share of that with which the backbone learns'),
  weightDecay: z.number().min(0).max(1).default(0.01).describe('Decoupled weight decay of AdamW'),
  dropout: z.number().min(0).lt(1).default(0.1),
  frozen: z.int().min(0).max(17).default(3).describe('First layers of the backbone, of 17, that stay as they are'),
  small: z.number().min(0).max(1).default(0.6).describe('Share of the epochs at two thirds of the size'),
  average: z.number().min(0).max(100).default(0.5).describe('Epochs over which the weights are averaged'),
  augment: z.enum(['none', 'all']).default('all').describe('all: flips, turns, zooms, brightness and contrast'),
  patience: z
    .int()
    .min(0)
    .max(10_000)
    .default(10)
    .describe('Epochs without a better validation after which it stops; 0: never'),
  precision: z
    .enum(['auto', 'float32', 'bfloat16'])
    .default('auto')
    .describe('auto: bfloat16 where the device is fast at it'),
  timeoutMinutes: z.number().min(0).default(0).describe('It is ended after so long; 0: never'),
})

interface TorchTrainerDeps extends Omit<PythonDeps, 'graceMs'> {
  /** From being asked to end to being ended; ten seconds where left out. */
  graceMs?: number
}

/** A trainer that fine-tunes the built-in backbone, a U-Net decoder on it for segmentation, with the user's PyTorch. */
export function createTorchTrainer({ graceMs = 10_000, ...deps }: TorchTrainerDeps): Trainer {
  return {
    name: 'torch',
    title: 'EfficientNet-Lite0 fine-tuned with PyTorch; U-Net for segmentation',
    tasks: ['classification', 'multilabel', 'regression', 'segmentation'],
    params,
    async train(job) {
      const { timeoutMinutes } = params.parse(job.params)
      if (job.train.length < 2)
        throw new FoveaError(
          'TRAINING_DATA',
          `Expected at least two pictures to learn from, got ${job.train.length}.`,
          {
            hint: 'Widen the query.',
          },
        )
      await probePython({ ...deps, graceMs }, job.signal)
      const backbone = await builtInBackbone()
      return runTrainer(job, {
        title: 'The PyTorch trainer',
        argv: (jobFile) => [deps.python, '-B', script, jobFile, '--backbone', backbone.file],
        cwd: deps.cwd,
        env: deps.env,
        timeoutMinutes,
        graceMs,
      })
    },
  }
}
