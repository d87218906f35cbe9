import { z } from 'zod'

/** Box in absolute pixels, origin top left; `w` and `h` > 0. */
export const boxSchema = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() })
export type Box = z.infer<typeof boxSchema>

export const labelKinds = ['class', 'box', 'polygon', 'mask', 'polyline', 'keypoints'] as const
export type LabelKind = (typeof labelKinds)[number]

/** Flat coordinates `[x1, y1, x2, y2, …]` in absolute pixels. */
const coordinates = z.array(z.number())

export const geometrySchema = z.discriminatedUnion('type', [
  /** parts → rings → flat coordinates; the first ring of a part is its outline, the others are holes. */
  z.object({ type: z.literal('polygon'), parts: z.array(z.array(coordinates)) }),
  /** One or more open paths. */
  z.object({ type: z.literal('polyline'), paths: z.array(coordinates) }),
  /** `[x, y, v]` each; v: 0 not labelled, 1 labelled but hidden, 2 visible (COCO). */
  z.object({ type: z.literal('keypoints'), points: z.array(z.tuple([z.number(), z.number(), z.number()])) }),
  /** Run lengths over the whole image, column by column (COCO order), starting with background. */
  z.object({
    type: z.literal('mask'),
    size: z.tuple([z.number().int(), z.number().int()]),
    counts: z.array(z.number().int()),
  }),
])
export type Geometry = z.infer<typeof geometrySchema>
export type PolygonGeometry = Extract<Geometry, { type: 'polygon' }>
export type PolylineGeometry = Extract<Geometry, { type: 'polyline' }>
export type KeypointsGeometry = Extract<Geometry, { type: 'keypoints' }>
/** `size` is `[height, width]`. */
export type MaskGeometry = Extract<Geometry, { type: 'mask' }>

/** Names of attributes by which evaluations say what a label came to. They follow from other labels: nothing is lost without them. */
export const verdictAttribute = /_eval(?:_(?:iou|class|match))?$/

export const attributesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
export type Attributes = z.infer<typeof attributesSchema>

/**
 * One assertion about a sample.
 * `class` labels have neither box nor geometry; `box` labels a box only; the others both, the box being their bounds.
 * `area` is in square pixels of the image (box: w·h; mask and polygon: covered pixels/surface; polyline and keypoints: of the bounds).
 * Reserved attributes: `crowd` (boolean, COCO iscrowd), `rotation` (degrees clockwise about the box centre), and those of
 * `verdictAttribute`.
 */
export const labelSchema = z.object({
  kind: z.enum(labelKinds),
  class: z.string(),
  box: boxSchema.nullable(),
  geometry: geometrySchema.nullable(),
  area: z.number().nullable(),
  score: z.number().min(0).max(1).nullable(),
  attributes: attributesSchema,
  author: z.string().nullable(),
})
export type Label = z.infer<typeof labelSchema>
