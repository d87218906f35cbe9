import type { Loss } from '#contract'
import { commonLosses, lossesOfKinds } from '../losses.ts'
import type { ExportSummary } from '../types.ts'

/** What COCO cannot hold of an export, or holds in a way of fovea's and few other tools' own. */
export function lossesOfCoco(summary: ExportSummary): Loss[] {
  const losses = lossesOfKinds(
    summary,
    ['box', 'polygon', 'mask', 'keypoints'],
    'COCO annotations have a place in the image and an area.',
  )
  const { polygonsWithHoles, rotatedLabels } = summary
  if (polygonsWithHoles > 0) {
    losses.push({
      code: 'polygon-holes',
      count: polygonsWithHoles,
      what: `COCO polygons have no holes; ${polygonsWithHoles} polygons with holes are written as masks of whole pixels (run lengths).`,
    })
  }
  // Crowd is COCO's own; a label with further attributes beside it is counted once for both, so this counts the least.
  const attributes = Math.max(summary.labelsWithAttributes - summary.crowdLabels, 0)
  if (attributes > 0) {
    losses.push({
      code: 'attributes',
      count: attributes,
      what: `COCO has no attributes; those of ${attributes} labels are written under "attributes", which fovea, CVAT and Datumaro read and other tools pass over.`,
    })
  }
  if (rotatedLabels > 0) {
    losses.push({
      code: 'rotation',
      count: rotatedLabels,
      what: `COCO boxes stand upright; the rotation of ${rotatedLabels} labels is written as an attribute only.`,
    })
  }
  return [
    ...losses,
    ...commonLosses(summary, { fields: false, tags: false, attributes: true, scores: true, authors: false }),
  ]
}
