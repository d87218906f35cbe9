import type { Geometry, Label, MaskGeometry, OntologyClass } from '#contract'
import { boxArea, encodeMask, maskArea, rasterizePolygon } from '#base'

interface ImageSize {
  width: number
  height: number
}

/** One entry of `annotations` as JSON text without ids; null for kinds that COCO has no place for. */
export function annotationOf(label: Label, size: ImageSize): Record<string, unknown> | null {
  if (label.kind === 'class' || label.kind === 'polyline' || !label.box) return null
  const { x, y, w, h } = label.box
  const { crowd, ...attributes } = label.attributes
  return {
    bbox: [x, y, w, h],
    area: label.area ?? boxArea(label.box),
    segmentation: segmentationOf(label.geometry, size),
    iscrowd: crowd === true ? 1 : 0,
    ...keypointsOf(label.geometry),
    ...(label.score === null ? {} : { score: label.score }),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  }
}

/** Rings for polygons, run lengths for masks; a polygon with holes has no other form than run lengths. */
function segmentationOf(geometry: Geometry | null, size: ImageSize): unknown {
  if (geometry?.type === 'mask') return runsOf(geometry)
  if (geometry?.type !== 'polygon') return []
  if (geometry.parts.some((rings) => rings.length > 1)) {
    const mask = encodeMask(rasterizePolygon(geometry, size.width, size.height), size.width, size.height)
    // Too thin to cover the centre of any pixel: the outlines say more than an empty mask.
    if (maskArea(mask) > 0) return runsOf(mask)
  }
  return geometry.parts.map((rings) => rings[0])
}

function runsOf({ size, counts }: MaskGeometry): unknown {
  return { size, counts }
}

function keypointsOf(geometry: Geometry | null): Record<string, unknown> {
  if (geometry?.type !== 'keypoints') return {}
  return { keypoints: geometry.points.flat(), num_keypoints: geometry.points.filter(([, , v]) => v > 0).length }
}

/** One entry of `categories`. `color` as panoptic sets write it. */
export function categoryOf(category: Partial<OntologyClass> & { name: string }, id: number): Record<string, unknown> {
  const { name, supercategory, keypoints, skeleton, color } = category
  return {
    id,
    name,
    supercategory: supercategory ?? '',
    ...(keypoints ? { keypoints, skeleton: skeleton ?? [] } : {}),
    ...(color === undefined ? {} : { color: [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) }),
  }
}
