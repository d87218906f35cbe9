import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentProgress } from '#base'
import type { Label } from '#contract'
import { elementType, encodeModel, node, value } from '#models'
import type { Example, TrainingJob } from '../types.ts'

/** A job that keeps what it is told. */
export interface ToldJob extends TrainingJob {
  curves: { values: Readonly<Record<string, number>>; step: number }[]
  said: string[]
}

export function makeJob(folder: string, over: Partial<TrainingJob> = {}): ToldJob {
  const curves: ToldJob['curves'] = []
  const said: string[] = []
  return {
    task: 'classification',
    train: [makeExample(1, 'cat'), makeExample(2, 'dog')],
    validation: [makeExample(3, 'owl')],
    classes: ['cat', 'dog', 'owl'],
    target: null,
    params: {},
    seed: 5,
    folder,
    threads: 1,
    maxPixels: 1_000_000,
    signal: new AbortController().signal,
    progress: silentProgress,
    logMetrics: async (values, step) => void curves.push({ values, step }),
    log: (message) => void said.push(message),
    curves,
    said,
    ...over,
  }
}

export const makeExample = (id: number, name: string, labels: readonly Label[] = []): Example => ({
  id,
  file: `/pictures/${id}.png`,
  widthPx: 4,
  heightPx: 3,
  labels,
  class: name,
  value: null,
})

export const makeLabel = (name: string, over: Partial<Label>): Label => ({
  kind: 'class',
  class: name,
  box: null,
  geometry: null,
  area: null,
  score: null,
  attributes: {},
  author: null,
  ...over,
})

/** A model whose scores of three classes are the mean red, green and blue. */
export async function writeColourModel(
  folder: string,
  { task = 'classification', classes = ['cat', 'dog', 'owl'] }: { task?: string; classes?: readonly string[] } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const network = encodeModel({
    nodes: [node('GlobalAveragePool', ['image'], 'pooled'), node('Flatten', ['pooled'], 'colour')],
    initializers: [],
    inputs: [value('image', elementType.float, ['n', 3, 8, 8])],
    outputs: [value('colour', elementType.float, ['n', 3])],
  })
  await writeFile(join(folder, 'model.onnx'), network)
  await writeFile(join(folder, 'classes.json'), JSON.stringify(classes))
  await writeFile(
    join(folder, 'card.toml'),
    `name = "colours"\ntask = "${task}"\nweights = "model.onnx"\n[input]\nname = "image"\nlayout = "nchw"\nsize = [8, 8]\n[output]\nscores = "colour"\nactivation = "softmax"\nclasses = "classes.json"\n`,
  )
}
