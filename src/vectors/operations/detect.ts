import { detectObjects, type Label } from '#contract'
import { formatSampleId, FoveaError, implement, throwIfAborted, type CallContext, type Operation } from '#base'
import type { MediaRow } from '#catalog'
import type { Embedder, PictureBoxes, ShelvedModel } from '#models'
import type { VectorDeps } from '../deps.ts'

/** Rows that are written in one step. */
const batchRows = 5_000

/** Handler of `models.detect`: looks at everything first and then writes, so that a cancelled run changes nothing. */
export function createDetectOperation(deps: VectorDeps): Operation {
  const { catalog, shelf, embedders } = deps
  return implement(detectObjects, async ({ dataset: name, query, model: wanted, layer, minScore }, context) => {
    const dataset = await catalog.resolveWritable(name)
    const model = await shelf.find(wanted)
    refuseOther(model)
    const into = layer ?? model.name
    if (into === 'truth')
      throw new FoveaError('INPUT_INVALID', 'Predictions are not written over the layer truth.', {
        hint: `Leave --layer out for the layer ${model.name}, or choose another name.`,
      })
    const rows = await catalog.mediaOf(dataset, await catalog.idsOf(dataset, { query }))
    const answers = await lookAt(deps, embedders.open(model), rows, minScore, context)
    const seen = rows.flatMap((row, i) => {
      const answer = answers[i]!
      return answer.ok ? [{ id: row.id, labels: answer.boxes.map((box) => toLabel(box, model.name)) }] : []
    })
    const failures = rows.flatMap(({ id }, i) => {
      const answer = answers[i]!
      return answer.ok ? [] : [{ id: formatSampleId(id), what: answer.what, fix: answer.fix }]
    })
    const counts = new Map<string, number>()
    for (const { labels } of seen) for (const { class: of } of labels) counts.set(of, (counts.get(of) ?? 0) + 1)
    const boxes = [...counts.values()].reduce((sum, count) => sum + count, 0)
    const change = catalog.openChange({ dataset, actor: context.actor, operation: detectObjects.id })
    for (let from = 0; from < seen.length; from += batchRows) {
      const part = seen.slice(from, from + batchRows)
      const digest = `${model.fingerprint} ${minScore}`
      await change.step((step) =>
        step.replaceLabels(
          into,
          part.map((row) => ({ ...row, digest })),
        ),
      )
    }
    await change.close(`Found ${boxes} boxes on ${seen.length} samples with ${model.name}, in layer ${into}`)
    return {
      layer: into,
      samples: seen.length,
      boxes,
      failed: failures.length,
      failures: failures.slice(0, 100),
      classes: [...counts]
        .map(([of, count]) => ({ class: of, boxes: count }))
        .toSorted((a, b) => b.boxes - a.boxes || a.class.localeCompare(b.class)),
      change: change.id,
    }
  })
}

function refuseOther({ name, task }: ShelvedModel): void {
  if (task === 'detection') return
  throw new FoveaError('MODEL_MISMATCH', `Model ${name} is one for ${task}: it finds no boxes.`, {
    hint: 'Take one that fovea models lists for detection, such as an export of DETR or YOLOS: fovea models pull ID',
  })
}

function toLabel(box: Extract<PictureBoxes, { ok: true }>['boxes'][number], author: string): Label {
  const { class: of, score, x, y, w, h } = box
  return { kind: 'box', class: of, box: { x, y, w, h }, geometry: null, area: w * h, score, attributes: {}, author }
}

/** One answer a row, as many batches in flight as the model's threads take. Throws CANCELLED. */
async function lookAt(
  { fileOf }: VectorDeps,
  detector: Embedder,
  rows: readonly MediaRow[],
  minScore: number,
  { signal, progress }: CallContext,
): Promise<PictureBoxes[]> {
  const answers: PictureBoxes[] = []
  let next = 0
  let done = 0
  const report = (): void => progress.report({ stage: 'detect', done, total: rows.length, unit: 'samples' })
  report()
  const lane = async (): Promise<void> => {
    while (next < rows.length) {
      throwIfAborted(signal)
      const from = next
      next += detector.batch
      const batch = await Promise.all(
        rows.slice(from, from + detector.batch).map(async (row) => ({ file: await fileOf(row) })),
      )
      const found = await detector.detect(batch, minScore, signal)
      found.forEach((answer, i) => (answers[from + i] = answer))
      done += batch.length
      report()
    }
  }
  await Promise.all(Array.from({ length: detector.concurrency }, lane))
  throwIfAborted(signal)
  return answers
}
