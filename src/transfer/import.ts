import { basename } from 'node:path'
import type { z } from 'zod'
import type { FieldType, importDataset as spec } from '#contract'
import { FoveaError, throwIfAborted, type CallContext, type Clock } from '#base'
import type { ChangeStep, DatasetRef, NewProblem, TransferPort } from '#catalog'
import { readerFor, type DraftProblem, type DraftSample, type ReadPlan } from '#formats'
import type { MediaPool, ReadLimits } from '#media'
import type { MediaStore } from '#store'
import { examineSample, type Examined } from './examine.ts'
import { createFieldCollector, type FieldCollector } from './fields.ts'
import { createReach, type Reach } from './reach.ts'
import { datasetNameFrom, openSource } from './source.ts'

export interface ImportDeps {
  catalog: TransferPort
  media: MediaPool
  store: MediaStore
  clock: Clock
  limits: ReadLimits
  /** Folder of the thumbnail cache. */
  thumbnails: string
  /** Folder archives are unpacked into. */
  imports: string
  /** Samples of one database transaction, 1 000 when left out. What is written is kept when the import dies. */
  batchSize?: number
}

type Input = z.output<typeof spec.input>
type Output = z.input<typeof spec.output>

/** Samples on their way at once: enough that workers stay busy while a batch is being written. */
const windowSize = 512
const defaultBatchSize = 1_000

/**
 * Imports a folder, file or archive. Files that cannot be taken become problem rows (`onError: 'skip'`) or end the import
 * with IMPORT_STOPPED. Batches are committed as they fill, under one entry of the history; run again, the same import
 * completes the work without duplicates. Nothing of the source is changed.
 */
export async function importDataset(deps: ImportDeps, input: Input, context: CallContext): Promise<Output> {
  const { catalog, clock } = deps
  const { signal, progress, mayReach } = context
  const began = clock.monotonic()
  const { tree, detected, problems } = await openSource(input.path, input.format, {
    imports: deps.imports,
    signal,
    progress,
    mayReach,
  })
  const reach = createReach(mayReach)
  const plan = await readerFor(detected.format).read(tree, { signal, mayReach })
  const name = input.dataset ?? datasetNameFrom(input.path)
  const dataset = await catalog.ensureDataset(name, context.actor)
  const writer = await createWriter(deps, dataset, input, context, basename(tree.root), reach)
  // Readers speak of their own files at every import; what they no longer say is mended.
  await catalog.clearProblemsBelow(dataset, tree.root)
  await writer.declareClasses(plan.classes)
  for (const problem of problems) writer.report(problem)

  const total = plan.total ?? undefined
  const waiting: Promise<void>[] = []
  let reached = 0
  const settleOldest = async (): Promise<void> => {
    throwIfAborted(signal)
    await waiting.shift()
    progress.report({ stage: 'import', done: ++reached, total, unit: 'images' })
    await writer.flush(false)
  }
  try {
    for await (const item of plan.items) {
      throwIfAborted(signal)
      if (item.type === 'problem') writer.report(await reach.confineProblem(item))
      else {
        const work = writer.take(item)
        // Failures surface where the window is settled; until then they must not count as unhandled.
        work.catch(() => {})
        waiting.push(work)
        if (waiting.length >= windowSize) await settleOldest()
      }
    }
    while (waiting.length > 0) await settleOldest()
    await writer.flush(true)
  } catch (error) {
    await Promise.allSettled(waiting)
    await writer.abandon(error)
    throw error
  }
  const counts = await writer.close(`Imported ${input.path}`)
  return {
    dataset: dataset.name,
    detected: { format: detected.format, layout: detected.layout, evidence: detected.evidence },
    ...counts,
    seconds: Math.round(clock.monotonic() - began) / 1000,
  }
}

type Taken = Extract<Examined, { state: 'new' | 'changed' }>

interface ImportWriter {
  declareClasses(classes: ReadPlan['classes']): Promise<void>
  report(problem: DraftProblem): void
  take(draft: DraftSample): Promise<void>
  flush(all: boolean): Promise<void>
  close(summary: string): Promise<Omit<Output, 'dataset' | 'detected' | 'seconds'>>
  /** Ends the history entry of an import that failed; what was committed stands. */
  abandon(error: unknown): Promise<void>
}

async function createWriter(
  deps: ImportDeps,
  dataset: DatasetRef,
  input: Input,
  context: CallContext,
  rootName: string,
  reach: Reach,
): Promise<ImportWriter> {
  const { catalog, batchSize = defaultBatchSize } = deps
  const known = await catalog.knownSources(dataset, input.layer)
  const paths = new Map([...known.values()].map((source) => [source.path, source.source]))
  const fields: FieldCollector = createFieldCollector(await fieldTypes(catalog, dataset))
  const change = catalog.openChange({ actor: context.actor, operation: 'dataset.import', dataset })
  const seen = new Set<string>()
  const counts = { added: 0, updated: 0, unchanged: 0, skipped: 0, labels: 0, problems: 0 }
  // Results in the order the source states them, so that ids follow it; a place is held from the moment a sample is taken.
  const slots: (Taken | 'empty' | null)[] = []
  let head = 0
  const problemRows: NewProblem[] = []
  const cleared: string[] = []
  const spokenOf = new Set<string>()
  let declared: ReadPlan['classes'] = []

  const report = (problem: DraftProblem): void => {
    const { type: _, ...row } = problem
    counts.problems++
    problemRows.push(row)
    if (input.onError === 'stop') {
      throw new FoveaError('IMPORT_STOPPED', `The import stopped at ${row.file}: ${row.what}`, {
        hint: `${row.fix} Samples imported before it are kept (fovea undo takes them back); the same command completes the work. With --on-error skip, such files are listed in fovea problems instead.`,
        details: row,
      })
    }
  }

  const skip = (slot: number, problems: readonly DraftProblem[]): void => {
    slots[slot] = 'empty'
    counts.skipped++
    problems.forEach(report)
  }

  const uniquePath = (path: string, source: string): string => {
    let free = path
    for (let n = 1; paths.has(free) && paths.get(free) !== source; n++)
      free = n === 1 ? `${rootName}/${path}` : `${rootName}~${n}/${path}`
    paths.set(free, source)
    return free
  }

  const take = async (draft: DraftSample): Promise<void> => {
    const slot = slots.push(null) - 1
    if (seen.has(draft.file)) {
      const what = 'The source names this image more than once; the first was taken.'
      return skip(slot, [
        { type: 'problem', file: draft.file, code: 'image-twice', what, fix: 'Merge or remove the other entries.' },
      ])
    }
    seen.add(draft.file)
    const bounds = await reach.confineSample(draft)
    if (bounds.draft === null) return skip(slot, bounds.problems)
    const result = await examineSample(bounds.draft, known.get(draft.file) ?? null, {
      media: deps.media,
      limits: deps.limits,
      thumbnails: deps.thumbnails,
      store: input.copy ? deps.store : null,
      split: input.split ?? draft.split ?? null,
      signal: context.signal,
    })
    if (result.state === 'skipped') return skip(slot, result.problems)
    if (result.state === 'unchanged') {
      counts.unchanged++
      slots[slot] = 'empty'
      return
    }
    slots[slot] = result
    cleared.push(draft.file)
    bounds.problems.forEach(report)
    result.problems.forEach(report)
  }

  const flush = async (all: boolean): Promise<void> => {
    while (head < slots.length && slots[head] !== null) {
      let end = head
      const batch: Taken[] = []
      while (end < slots.length && slots[end] !== null && batch.length < batchSize) {
        const slot = slots[end++]!
        if (slot !== 'empty') batch.push(slot)
      }
      if (batch.length < batchSize && !all) return
      await commit(batch)
      // Written results are let go; their places stay, so that numbers keep their meaning.
      slots.fill('empty', head, end)
      head = end
    }
    if (all) await saveProblems()
  }

  const saveProblems = async (): Promise<void> => {
    // What an earlier import said of a file goes when this one first speaks of it, or takes it without fault.
    const files = new Set([...cleared.splice(0), ...problemRows.map((row) => row.file)])
    const first = [...files].filter((file) => !spokenOf.has(file))
    for (const file of first) spokenOf.add(file)
    await catalog.replaceProblems(dataset, problemRows.splice(0), first)
  }

  const commit = async (batch: readonly Taken[]): Promise<void> => {
    const fresh = batch.filter((item) => !item.known)
    const changed = batch.filter((item) => item.known)
    const values = new Map(batch.map((item) => [item, takeFields(item, fields, report)]))
    await saveProblems()
    await change.step(async (step) => {
      if (declared.length > 0) await step.ensureClasses(declared)
      await step.setValues(fields.added, [])
      const ids = await step.addSamples(
        fresh.map((item) => ({
          path: uniquePath(item.draft.path, item.draft.file),
          source: item.draft.file,
          split: input.split ?? item.draft.split ?? null,
          facts: item.facts!,
          tags: item.draft.tags ?? [],
          fields: values.get(item)!,
          modifiedMs: item.modifiedMs,
          digest: item.digest,
        })),
        input.layer,
      )
      await updateChanged(step, changed, values)
      const idOf = new Map(fresh.map((item, i) => [item, ids[i]!]))
      counts.labels += await step.replaceLabels(
        input.layer,
        batch
          .filter((item) => item.known || item.labels.length > 0)
          .map((item) => ({ id: item.known?.id ?? idOf.get(item)!, labels: item.labels, digest: item.digest })),
      )
    })
    declared = []
    counts.added += fresh.length
    counts.updated += changed.length
  }

  const updateChanged = async (
    step: ChangeStep,
    changed: readonly Taken[],
    values: ReadonlyMap<Taken, Record<string, string | number | boolean | null>>,
  ): Promise<void> => {
    const media = changed.filter((item) => item.facts !== null)
    if (media.length > 0) {
      await step.replaceMedia(
        media.map((item) => ({ id: item.known!.id, facts: item.facts!, modifiedMs: item.modifiedMs })),
      )
    }
    const rows = changed.map((item) => {
      const split = input.split ?? item.draft.split
      return { id: item.known!.id, values: { ...values.get(item), ...(split === undefined ? {} : { split }) } }
    })
    const told = rows.filter((row) => Object.keys(row.values).length > 0)
    if (told.length > 0) await step.setValues(fields.added, told)
    for (const item of changed) {
      if (item.draft.tags && item.draft.tags.length > 0) await step.addTags({ ids: [item.known!.id] }, item.draft.tags)
    }
  }

  return {
    async declareClasses(classes) {
      const ontology = new Set(await catalog.classNames(dataset))
      declared = classes.filter((c) => !ontology.has(c.name))
    },
    report,
    take,
    flush,
    async close(summary) {
      if (declared.length > 0) {
        const unused = declared
        await change.step((step) => step.ensureClasses(unused))
      }
      const words = [
        `${counts.added} new`,
        ...(counts.updated > 0 ? [`${counts.updated} changed`] : []),
        `${counts.labels} labels`,
      ]
      await change.close(`${summary}: ${words.join(', ')}`)
      return { ...counts, change: change.id }
    },
    async abandon(error) {
      await saveProblems()
      const why = error instanceof FoveaError && error.code === 'CANCELLED' ? 'cancelled' : 'stopped'
      await change.close(`Import of ${input.path}, ${why} after ${counts.added + counts.updated} samples`)
    },
  }
}

async function fieldTypes(catalog: TransferPort, dataset: DatasetRef): Promise<Record<string, FieldType>> {
  const schema = await catalog.schemaOf(dataset)
  return Object.fromEntries(schema.fields.map((field) => [field.name, field.type]))
}

function takeFields(
  item: Taken,
  fields: FieldCollector,
  report: (problem: DraftProblem) => void,
): Record<string, string | number | boolean | null> {
  const { values, mismatches } = fields.take(item.draft.fields ?? {})
  for (const { field, value, type } of mismatches) {
    report({
      type: 'problem',
      file: item.draft.file,
      code: 'field-type',
      what: `The field ${field} holds values of type ${type}, got ${JSON.stringify(value)}; the value was left out.`,
      fix: 'Correct the value, or give the column another name.',
    })
  }
  return values
}
