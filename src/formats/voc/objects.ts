import type { Attributes } from '#contract'
import type { DraftLabel } from '../types.ts'
import { childrenOf, numberOf, textOf, type XmlNode } from './xml.ts'

/** One `<object>` of an annotation. */
export interface VocObject {
  /** Null when it has no name. */
  class: string | null
  /** What the object draws; null when it draws nothing, for example because its mask stands for it. */
  label: DraftLabel | null
  /** Value of the object's pixels in the instance mask, where fovea wrote it. */
  instance: number | null
  /** What is wrong with it; then there is no label. */
  fault: string | null
}

const flags = ['truncated', 'difficult', 'occluded']

/**
 * Reads an `<object>`: a `<polygon>` where there is one, a rotated `<robndbox>` (roLabelImg), else its `<bndbox>` of 1-based
 * inclusive pixels: x = xmin − 1, width = xmax − xmin + 1 (VOCdevkit). Fractions of pixels are kept as they are.
 */
export function readObject(object: XmlNode, where: string): VocObject {
  const name = textOf(object, 'name')
  const instance = numberOf(object, 'instance')
  const outcome = (label: DraftLabel | null, fault: string | null): VocObject => ({
    class: name,
    label,
    instance,
    fault,
  })
  if (name === null) return outcome(null, 'the object has no name')
  const attributes = attributesOf(object)
  const base = { class: name, unit: 'px' as const, where }
  const polygon = childrenOf(object, 'polygon')[0]
  if (polygon) {
    const ring = ringOf(polygon)
    if (ring === null) return outcome(null, 'the polygon needs at least three points of two numbers each')
    return outcome(
      { ...base, kind: 'polygon', geometry: { type: 'polygon', parts: [[ring]] }, ...held(attributes) },
      null,
    )
  }
  if (instance !== null) return outcome(null, null)
  const rotated = childrenOf(object, 'robndbox')[0]
  if (rotated) {
    const [cx, cy, w, h, angle] = ['cx', 'cy', 'w', 'h', 'angle'].map((part) => numberOf(rotated, part))
    if (cx == null || cy == null || w == null || h == null || angle == null)
      return outcome(null, 'the rotated box needs cx, cy, w, h and angle')
    const rotation = (angle * 180) / Math.PI
    return outcome(
      { ...base, kind: 'box', box: { x: cx - w / 2, y: cy - h / 2, w, h }, ...held({ ...attributes, rotation }) },
      null,
    )
  }
  const corners = childrenOf(object, 'bndbox')[0]
  if (!corners) return outcome(null, 'the object has no bndbox')
  const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((side) => numberOf(corners, side))
  if (left == null || top == null || right == null || bottom == null)
    return outcome(null, 'xmin, ymin, xmax and ymax must be numbers')
  if (left > right) return outcome(null, `xmin must not be above xmax, got ${left} and ${right}`)
  if (top > bottom) return outcome(null, `ymin must not be above ymax, got ${top} and ${bottom}`)
  const box = { x: left - 1, y: top - 1, w: right - left + 1, h: bottom - top + 1 }
  return outcome({ ...base, kind: 'box', box, ...held(attributes) }, null)
}

function held(attributes: Attributes): { attributes?: Attributes } {
  return Object.keys(attributes).length > 0 ? { attributes } : {}
}

/** `x1, y1, x2, y2 …` elements, or `pt` elements with x and y; null when it is no ring. */
function ringOf(polygon: XmlNode): number[] | null {
  const points = childrenOf(polygon, 'pt')
  const ring: (number | null)[] = points.flatMap((point) => [numberOf(point, 'x'), numberOf(point, 'y')])
  for (let n = 1; points.length === 0 && polygon[`x${n}`] !== undefined; n++)
    ring.push(numberOf(polygon, `x${n}`), numberOf(polygon, `y${n}`))
  const numbers = ring.filter((value) => value !== null)
  return numbers.length === ring.length && ring.length >= 6 ? numbers : null
}

/** The flags of VOC as booleans, the pose unless it says nothing, and CVAT's `<attributes>`. */
function attributesOf(object: XmlNode): Attributes {
  const attributes: Attributes = {}
  for (const flag of flags) {
    const value = textOf(object, flag)
    if (value !== null) attributes[flag] = value === '1' || value.toLowerCase() === 'true'
  }
  const pose = textOf(object, 'pose')
  if (pose !== null && pose !== 'Unspecified') attributes['pose'] = pose
  for (const list of childrenOf(object, 'attributes')) {
    for (const attribute of childrenOf(list, 'attribute')) {
      const name = textOf(attribute, 'name')
      if (name !== null) attributes[name] = valueOf(attribute)
    }
  }
  return attributes
}

function valueOf(attribute: XmlNode): string | number | boolean {
  const text = textOf(attribute, 'value') ?? ''
  const value = attribute['value']?.[0]
  if (typeof value === 'object' && value['@type'] === 'string') return text
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
