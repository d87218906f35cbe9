import type { Attributes, Box, Geometry, Label } from '#contract'
import type { ExportSample } from '../types.ts'
import { escapeXml } from './xml.ts'

export interface WrittenObject {
  label: Label
  /** Value of its pixels in the instance mask; null for boxes. */
  instance: number | null
}

/** Whether an attribute has an element of its own in VOC and is of the type that holds. */
function hasElement(name: string, value: Attributes[string]): boolean {
  if (name === 'pose') return typeof value === 'string' && value !== 'Unspecified' && value !== ''
  return ['truncated', 'difficult', 'occluded'].includes(name) && typeof value === 'boolean'
}

/** Whether a geometry is one ring, which an annotation can hold as it is. */
export function isPlainPolygon(geometry: Geometry | null): boolean {
  return geometry?.type === 'polygon' && geometry.parts.length === 1 && geometry.parts[0]!.length === 1
}

/** An annotation file. `filename` is relative to JPEGImages, or the absolute path of media that is not placed. */
export function annotationXml(sample: ExportSample, filename: string, objects: readonly WrittenObject[]): string {
  const segmented = objects.some(({ instance }) => instance !== null)
  const lines = [
    '<annotation>',
    '  <folder>JPEGImages</folder>',
    `  <filename>${escapeXml(filename)}</filename>`,
    '  <source><database>fovea</database></source>',
    `  <size><width>${sample.width}</width><height>${sample.height}</height><depth>3</depth></size>`,
    `  <segmented>${segmented ? 1 : 0}</segmented>`,
    ...objects.map(objectXml),
    '</annotation>',
  ]
  return `${lines.join('\n')}\n`
}

function objectXml({ label, instance }: WrittenObject): string {
  const { attributes } = label
  const pose = attributes['pose']
  const flag = (name: string): string[] =>
    typeof attributes[name] !== 'boolean' ? [] : [`    <${name}>${attributes[name] ? 1 : 0}</${name}>`]
  const lines = [
    '  <object>',
    `    <name>${escapeXml(label.class)}</name>`,
    `    <pose>${pose !== undefined && hasElement('pose', pose) ? escapeXml(String(pose)) : 'Unspecified'}</pose>`,
    ...flag('truncated'),
    ...flag('occluded'),
    // The devkit's evaluation cannot do without it.
    `    <difficult>${attributes['difficult'] === true ? 1 : 0}</difficult>`,
    boxXml(label.box!),
    ...polygonXml(label.geometry),
    ...(instance === null ? [] : [`    <instance>${instance}</instance>`]),
    ...attributesXml(attributes),
    '  </object>',
  ]
  return lines.join('\n')
}

/** 1-based inclusive pixels: xmin = x + 1, xmax = x + w. */
function boxXml({ x, y, w, h }: Box): string {
  return `    <bndbox><xmin>${tidy(x + 1)}</xmin><ymin>${tidy(y + 1)}</ymin><xmax>${tidy(x + w)}</xmax><ymax>${tidy(y + h)}</ymax></bndbox>`
}

function polygonXml(geometry: Geometry | null): string[] {
  if (geometry?.type !== 'polygon' || !isPlainPolygon(geometry)) return []
  const ring = geometry.parts[0]![0]!
  const points = ring.map((value, i) =>
    i % 2 === 0 ? `<x${i / 2 + 1}>${value}</x${i / 2 + 1}>` : `<y${(i + 1) / 2}>${value}</y${(i + 1) / 2}>`,
  )
  return [`    <polygon>${points.join('')}</polygon>`]
}

function attributesXml(attributes: Attributes): string[] {
  const others = Object.entries(attributes).filter(([name, value]) => !hasElement(name, value))
  if (others.length === 0) return []
  const lines = others.map(([name, value]) => {
    const type = typeof value === 'string' ? ' type="string"' : ''
    return `      <attribute><name>${escapeXml(name)}</name><value${type}>${escapeXml(String(value))}</value></attribute>`
  })
  return ['    <attributes>', ...lines, '    </attributes>']
}

/** Whole numbers stay whole; others keep six decimals, a millionth of a pixel. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
