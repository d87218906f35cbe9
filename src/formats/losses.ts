import { labelKinds, type LabelKind, type Loss } from '#contract'
import type { ExportSummary } from './types.ts'

/** Kinds a format has no place for, each with its count. */
export function lossesOfKinds(summary: ExportSummary, held: readonly LabelKind[], why: string): Loss[] {
  return labelKinds.flatMap((kind) => {
    const count = summary.kinds[kind] ?? 0
    if (count === 0 || held.includes(kind)) return []
    return [{ code: `kind-${kind}`, count, what: `${why} ${count} ${nameOfKind(kind, count)} left out.` }]
  })
}

function nameOfKind(kind: LabelKind, count: number): string {
  const one = count === 1
  const names: Record<LabelKind, string> = {
    class: one ? 'class label is' : 'class labels are',
    box: one ? 'box is' : 'boxes are',
    polygon: one ? 'polygon is' : 'polygons are',
    mask: one ? 'mask is' : 'masks are',
    polyline: one ? 'polyline is' : 'polylines are',
    keypoints: one ? 'set of keypoints is' : 'sets of keypoints are',
  }
  return names[kind]
}

/** What a format holds beside the labels themselves. */
interface Held {
  fields: boolean
  tags: boolean
  attributes: boolean
  scores: boolean
  authors: boolean
}

/** Facts beside the labels that a format has no place for, and labels of other layers, which no export writes. */
export function commonLosses(summary: ExportSummary, held: Held): Loss[] {
  const losses: Loss[] = []
  const add = (lost: boolean, code: string, count: number, what: string): void => {
    if (lost && count > 0) losses.push({ code, count, what })
  }
  add(
    !held.attributes,
    'attributes',
    summary.labelsWithAttributes,
    `Attributes of ${summary.labelsWithAttributes} labels are left out.`,
  )
  add(!held.scores, 'scores', summary.labelsWithScores, `Scores of ${summary.labelsWithScores} labels are left out.`)
  add(
    !held.authors,
    'authors',
    summary.labelsWithAuthors,
    `Authors of ${summary.labelsWithAuthors} labels are left out.`,
  )
  add(!held.tags, 'tags', summary.samplesWithTags, `Tags of ${summary.samplesWithTags} samples are left out.`)
  add(!held.fields, 'fields', summary.samplesWithFields, `Fields of ${summary.samplesWithFields} samples are left out.`)
  for (const { name, labels } of summary.otherLayers) {
    add(true, 'other-layer', labels, `Only one layer is written; ${labels} labels of layer ${name} are left out.`)
  }
  return losses
}
