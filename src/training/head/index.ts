import type { Trainer } from '../types.ts'
import { classParams, valueParams } from './pooled/params.ts'
import { trainPooledHead } from './pooled/train.ts'
import { segmentParams, trainSegmentHead } from './segment/index.ts'

/** Heads over the frozen built-in backbone, exported with it as one network. */
export const head: Trainer = {
  name: 'head',
  title: 'Small network over the frozen backbone; no Python, minutes on a laptop',
  tasks: ['classification', 'multilabel', 'regression', 'segmentation'],
  params: classParams,
  taskParams: { regression: valueParams, segmentation: segmentParams },
  train: (job) =>
    job.task === 'segmentation' ? trainSegmentHead(job, segmentParams.parse(job.params)) : trainPooledHead(job),
}
