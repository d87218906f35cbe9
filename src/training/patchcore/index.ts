import type { Trainer } from '../types.ts'
import { patchcoreParams } from './params.ts'
import { trainPatchcore } from './train.ts'

/** Anomaly detection from normal pictures only (Roth et al. 2022, arXiv 2106.08265), over the frozen backbone, as one network. */
export const patchcore: Trainer = {
  name: 'patchcore',
  title: 'Remembers patches of normal pictures; what is far from all of them is odd. No Python, no training steps',
  tasks: ['anomaly'],
  params: patchcoreParams,
  train: (job) => trainPatchcore(job, patchcoreParams.parse(job.params)),
}
