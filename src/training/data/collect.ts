import { FoveaError, parseSampleId, throwIfAborted } from '#base'
import type { CatalogExportSample, DatasetRef, EvaluationPort } from '#catalog'
import type { TrainingTask } from '#contract'
import type { Example } from '../types.ts'

/** A sample that a task can learn from, with what dividing the data needs. */
export interface Learnable {
  example: Example
  md5: string
  split: string | null
  /** Both parts get their share of each. */
  stratum: string
}

export interface Collected {
  samples: Learnable[]
  matched: number
  /** Matched, but without what the task needs. */
  skipped: number
}

export interface CollectRequest {
  dataset: DatasetRef
  /** Empty: all that is labelled for the task. */
  query: string
  task: TrainingTask
  layer: string
  field: string | undefined
}

export interface DataDeps {
  catalog: EvaluationPort
  /** Where the bytes of a sample lie now. */
  fileOf: (sample: {
    source: string
    md5: string
    recorded?: CatalogExportSample['recorded'] | undefined
  }) => Promise<string>
}

/**
 * Samples of a query with what a task learns of them, in id order. Throws QUERY_INVALID, LAYER_NOT_FOUND, FIELD_NOT_FOUND, FIELD_TYPE,
 * INPUT_INVALID where regression is not told its field.
 */
export async function collectSamples(
  { catalog, fileOf }: DataDeps,
  request: CollectRequest,
  signal: AbortSignal,
): Promise<Collected> {
  const { dataset, query, layer } = request
  await checkField(catalog, request)
  const samples: Learnable[] = []
  let matched = 0
  for await (const sample of catalog.exportSamples(dataset, { query }, layer)) {
    throwIfAborted(signal)
    matched++
    const learnt = readTask(sample, request)
    if (learnt === undefined) continue
    const { stratum, ...own } = learnt
    samples.push({
      example: {
        id: parseSampleId(sample.id),
        file: await fileOf({ source: sample.file, md5: sample.md5, recorded: sample.recorded }),
        widthPx: sample.width,
        heightPx: sample.height,
        labels: sample.labels,
        class: onlyClass(sample),
        value: null,
        ...own,
      },
      md5: sample.md5,
      split: sample.split,
      stratum,
    })
  }
  return {
    samples: samples.toSorted((a, b) => a.example.id - b.example.id),
    matched,
    skipped: matched - samples.length,
  }
}

async function checkField(catalog: EvaluationPort, { dataset, task, field }: CollectRequest): Promise<void> {
  if (task !== 'regression') {
    if (field === undefined) return
    throw new FoveaError('INPUT_INVALID', `Expected no field for ${task}; only regression learns the value of one.`, {
      hint: 'Leave --field out, or train with --task regression.',
    })
  }
  const { fields } = await catalog.schemaOf(dataset)
  const numbers = fields.filter(({ type }) => type === 'number' || type === 'integer').map(({ name }) => name)
  if (field === undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected the field whose number is to be learnt.', {
      hint: `Name it with --field; fields with numbers: ${numbers.join(', ')}.`,
    })
  const known = fields.find(({ name }) => name === field)
  if (known === undefined)
    throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${field}.`, {
      hint: `Fields with numbers: ${numbers.join(', ')}.`,
    })
  if (!numbers.includes(field))
    throw new FoveaError('FIELD_TYPE', `Expected a field of numbers, but ${field} is of type ${known.type}.`, {
      hint: `Fields with numbers: ${numbers.join(', ')}.`,
    })
}

type Learnt = Partial<Example> & { stratum: string }

/** What the task learns of a sample; undefined where the sample lacks it. */
function readTask(sample: CatalogExportSample, { task, field, query }: CollectRequest): Learnt | undefined {
  switch (task) {
    case 'classification': {
      const own = onlyClass(sample)
      return own === null ? undefined : { stratum: own }
    }
    case 'multilabel': {
      const classes = classesOf(sample)
      return classes.length === 0 ? undefined : { classes, stratum: classes.join(' + ') }
    }
    case 'regression': {
      const value = sample.fields[field!] ?? (field === 'width' || field === 'height' ? sample[field] : undefined)
      return typeof value === 'number' && Number.isFinite(value) ? { value, stratum: '' } : undefined
    }
    case 'segmentation': {
      const regions = sample.labels.filter(isRegion)
      // Who names the data means its pictures without a region as pictures of background.
      if (regions.length === 0 && query.trim() === '') return undefined
      const stratum = [...new Set(regions.map((label) => label.class))].toSorted().join(' + ')
      return { labels: regions, stratum }
    }
    case 'anomaly':
      return { stratum: onlyClass(sample) ?? '' }
  }
}

export const isRegion = ({ kind }: { kind: string }): boolean => kind === 'mask' || kind === 'polygon'

/** Classes of a sample: those said of the whole picture, else those of what is in it. Ascending. */
function classesOf({ labels }: CatalogExportSample): string[] {
  const whole = labels.filter(({ kind }) => kind === 'class')
  return [...new Set((whole.length > 0 ? whole : labels).map((label) => label.class))].toSorted()
}

function onlyClass(sample: CatalogExportSample): string | null {
  const classes = classesOf(sample)
  return classes.length === 1 ? classes[0]! : null
}
