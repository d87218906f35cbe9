import { acceptSuggestions, type Label } from '#contract'
import { implement, parseSampleId, throwIfAborted, type Operation } from '#base'
import type { LabelDeps } from './deps.ts'

/** Handler of `quality.accept`. */
export function createAccept({ catalog }: LabelDeps): Operation {
  return implement(acceptSuggestions, async ({ dataset: name, query, layer }, { actor, signal, progress }) => {
    const dataset = await catalog.resolveWritable(name)
    const matched = await catalog.idsOf(dataset, { query })
    const known = new Map(
      [...(await catalog.knownSources(dataset, layer)).values()].map(({ id, digest }) => [id, digest]),
    )
    const rows: { id: number; labels: Label[]; digest: string }[] = []
    const counts = new Map<string, { from: string; to: string; count: number }>()
    for await (const sample of catalog.exportSamples(dataset, { ids: matched }, layer)) {
      throwIfAborted(signal)
      const to = sample.fields['suggested_class']
      if (typeof to !== 'string') continue
      const id = parseSampleId(sample.id)
      const { labels, from } = relabel(sample.labels, to)
      if (from === undefined) continue
      // The digest stays that of the files, so that importing them again leaves the correction in place.
      rows.push({ id, labels, digest: known.get(id) ?? '' })
      const key = `${from}\n${to}`
      counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 })
      progress.report({ stage: 'corrections', done: rows.length, total: matched.length, unit: 'samples' })
    }
    const change = catalog.openChange({ dataset, actor, operation: acceptSuggestions.id })
    const ids = rows.map(({ id }) => id)
    if (rows.length > 0)
      await change.step(async (step) => {
        await step.replaceLabels(layer, rows)
        await step.setValues(
          { suggested_class: 'string', label_quality: 'number' },
          ids.map((id) => ({ id, values: { suggested_class: null, label_quality: null } })),
        )
        await step.removeTags({ ids }, ['label_error'])
      })
    await change.close(`Gave ${rows.length} samples the class suggested for them`)
    return {
      changed: rows.length,
      matched: matched.length,
      change: change.id,
      corrections: [...counts.values()].toSorted((a, b) => b.count - a.count || (a.from < b.from ? -1 : 1)),
    }
  })
}

/** The labels with the class of the only class label changed; `from` is undefined where there is none, or several. */
function relabel(labels: readonly Label[], to: string): { labels: Label[]; from: string | undefined } {
  const own = labels.filter(({ kind }) => kind === 'class')
  const from = own.length === 1 && own[0]!.class !== to ? own[0]!.class : undefined
  return {
    labels: labels.map((label) => (label === own[0] && from !== undefined ? { ...label, class: to } : label)),
    from,
  }
}
