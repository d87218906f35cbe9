import { palette, type Box, type MaskGeometry } from '#contract'
import { markup, type Markup } from './markup.ts'
import type { SampleLabels } from './types.ts'

type PlacedLabel = SampleLabels['layers'][number]['labels'][number]

const mostLabels = 80
const mostPathCharacters = 20_000
/** Masks and outlines are drawn as finely as a thumbnail shows them. */
const gridPx = 128

export type ColourOf = (name: string) => string

/** One colour a class: that of the ontology, as the page has it; for classes that it lacks, by the order of their names. */
export function createColours(all: Iterable<SampleLabels>, ontology: ReadonlyMap<string, string>): ColourOf {
  const names = new Set<string>()
  for (const { layers } of all) for (const { labels } of layers) for (const label of labels) names.add(label.class)
  const unknown = [...names].filter((name) => !ontology.has(name)).toSorted()
  const colours = new Map(unknown.map((name, i) => [name, palette[i % palette.length]!]))
  return (name) => ontology.get(name) ?? colours.get(name) ?? '#888888'
}

/**
 * Labels of a picture as SVG in its pixels: truth with whole lines, other layers with broken ones, the label that a finding is about
 * strongest and with its class written beside it.
 */
export function drawOverlay(sample: SampleLabels, stressed: string | null, colourOf: ColourOf, textPx: number): Markup {
  const all = sample.layers.flatMap(({ layer, labels }) =>
    labels.flatMap((label) => (label.kind === 'class' ? [] : [{ layer, label }])),
  )
  const placed = all
    .toSorted((a, b) => Number(b.label.id === stressed) - Number(a.label.id === stressed))
    .slice(0, mostLabels)
  const drawn: Markup[] = []
  let room = mostPathCharacters
  for (const { layer, label } of placed) {
    const path = tracePath(label, Math.max(sample.width, sample.height) / gridPx)
    if (path === '' || path.length > room) continue
    room -= path.length
    const isStressed = label.id === stressed
    const isArea = label.geometry?.type === 'mask' || label.geometry?.type === 'polygon'
    const colour = colourOf(label.class)
    const turned = Number(label.attributes['rotation'] ?? 0)
    const turn =
      label.geometry === null && label.box !== null && Number.isFinite(turned) && turned !== 0
        ? `rotate(${turned} ${label.box.x + label.box.w / 2} ${label.box.y + label.box.h / 2})`
        : null
    drawn.unshift(
      markup`<g${turn === null ? null : markup` transform="${turn}"`}>${
        isStressed && markup`<path class="halo" d="${path}"/>`
      }<path class="line${isStressed ? ' stressed' : ''}${layer === 'truth' ? '' : ' other'}" d="${path}" stroke="${colour}" fill="${
        isArea ? colour : 'none'
      }"/></g>${isStressed && label.box !== null && nameLabel(label.class, label.box, sample, textPx)}`,
    )
  }
  return markup`${drawn}`
}

function nameLabel(name: string, box: Box, { width, height }: SampleLabels, textPx: number): Markup {
  const isLeft = box.x + box.w / 2 < width / 2
  const y = Math.min(height - textPx * 0.3, Math.max(textPx, box.y - textPx * 0.3))
  const x = isLeft ? Math.max(0, box.x) : Math.min(width, box.x + box.w)
  return markup`<text class="name" x="${x}" y="${y}" font-size="${textPx}"${isLeft ? null : markup` text-anchor="end"`}>${
    name.length > 24 ? `${name.slice(0, 23)}…` : name
  }</text>`
}

/** The outline of a label as the path of an SVG; points nearer than `stepPx` pixels of the picture are left out. */
function tracePath({ box, geometry }: PlacedLabel, stepPx: number): string {
  if (geometry === null)
    return box === null ? '' : `M${round(box.x)} ${round(box.y)}h${round(box.w)}v${round(box.h)}h${round(-box.w)}z`
  switch (geometry.type) {
    case 'polygon':
      return geometry.parts.flatMap((rings) => rings.map((ring) => `${traceLine(ring, stepPx)}z`)).join('')
    case 'polyline':
      return geometry.paths.map((path) => traceLine(path, stepPx)).join('')
    case 'keypoints':
      return geometry.points
        .filter(([, , v]) => v > 0)
        .map(
          ([x, y]) =>
            `M${round(x - stepPx)} ${round(y)}h${round(2 * stepPx)}M${round(x)} ${round(y - stepPx)}v${round(2 * stepPx)}`,
        )
        .join('')
    case 'mask':
      return traceMask(geometry)
  }
}

function traceLine(flat: readonly number[], stepPx: number): string {
  let [lastX, lastY] = [Infinity, Infinity]
  let out = ''
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [x, y] = [flat[i]!, flat[i + 1]!]
    const isEnd = i === 0 || i + 3 >= flat.length
    if (!isEnd && Math.hypot(x - lastX, y - lastY) < stepPx) continue
    out += `${out === '' ? 'M' : 'L'}${round(x)} ${round(y)}`
    ;[lastX, lastY] = [x, y]
  }
  return out
}

/** A mask as bars of one column of a grid each, the pixel in the middle of a cell standing for it. */
function traceMask({ size: [rows, columns], counts }: MaskGeometry): string {
  const cell = Math.max(1, Math.max(rows, columns) / gridPx)
  let out = ''
  let run = 0
  let end = counts[0] ?? 0
  for (let left = 0; left < columns; left += cell) {
    const column = Math.min(columns - 1, Math.floor(left + cell / 2)) * rows
    let from: number | undefined
    for (let top = 0; ; top += cell) {
      const isOver = top >= rows
      const at = column + Math.min(rows - 1, Math.floor(top + cell / 2))
      while (at >= end && run + 1 < counts.length) end += counts[++run]!
      const isInside = !isOver && at < end && run % 2 === 1
      if (isInside) from ??= top
      else if (from !== undefined) {
        const w = Math.min(cell, columns - left)
        out += `M${round(left)} ${round(from)}h${round(w)}v${round(Math.min(top, rows) - from)}h${round(-w)}z`
        from = undefined
      }
      if (isOver) break
    }
  }
  return out
}

const round = (value: number): number => Math.round(value * 10) / 10
