import type { Loss } from '#contract'
import { commonLosses, lossesOfKinds } from '../losses.ts'
import type { ExportSummary } from '../types.ts'

/** What YOLO's rows cannot hold of an export; the task the writer will pick follows from the kinds of labels. */
export function lossesOfYolo(summary: ExportSummary): Loss[] {
  const losses = lossesOfKinds(
    summary,
    ['box', 'polygon', 'mask', 'keypoints'],
    'YOLO rows are boxes, outlines or keypoints.',
  )
  const add = (code: string, count: number, what: string): void => {
    if (count > 0) losses.push({ code, count, what })
  }
  const { box = 0, polygon = 0, mask = 0, keypoints = 0 } = summary.kinds
  const outlines = polygon + mask
  if (keypoints > 0) {
    add(
      'outline-boxes',
      outlines,
      `With keypoints the dataset is written for the task pose, whose rows hold no outlines; ${outlines} polygons and masks are written as their boxes.`,
    )
  } else if (outlines > 0) {
    add(
      'box-outlines',
      box,
      `Boxes and outlines do not mix in one dataset; ${box} boxes are written as outlines with four corners, which read back as polygons.`,
    )
    add(
      'polygon-holes',
      summary.polygonsWithHoles,
      `YOLO outlines have no holes; those of ${summary.polygonsWithHoles} polygons are filled.`,
    )
    add(
      'polygon-parts',
      summary.polygonsWithParts,
      `YOLO outlines have one part; each part of ${summary.polygonsWithParts} polygons becomes a label of its own.`,
    )
    add(
      'mask-outlines',
      mask,
      `${mask} masks are written as outlines: they read back as polygons, holes filled, each separate part a label of its own.`,
    )
  }
  add('rotation', summary.rotatedLabels, `The boxes of ${summary.rotatedLabels} rotated labels are written upright.`)
  const unsplit = summary.samples - summary.samplesWithSplit
  add('split-default', unsplit, `Every YOLO image belongs to a split; ${unsplit} samples without one go into train.`)
  return [
    ...losses,
    ...commonLosses(summary, { fields: false, tags: false, attributes: false, scores: false, authors: false }),
  ]
}
