/** A picture of numbers: drawn on the page, and written as SVG, PNG and CSV. Lengths are in px of a picture `sceneWidth` wide. */
export interface Scene {
  title: string
  height: number
  marks: readonly Mark[]
  texts: readonly SceneText[]
  /** What the picture shows, its first row the heading. */
  table: readonly (readonly Cell[])[]
}

export type Cell = string | number | null

/** A bar or a cell. */
export interface Mark {
  x: number
  y: number
  width: number
  height: number
  /** `#rrggbb`; null for the page's accent. */
  colour: string | null
  /** 0 to 1. */
  opacity: number
  title: string
  /** What it asks for when it is clicked: a condition of a query, or samples. Null for one that asks for nothing. */
  pick: Pick | null
}

export type Pick = { condition: string } | { samples: readonly number[] }

export interface SceneText {
  x: number
  y: number
  text: string
  anchor: 'start' | 'middle' | 'end'
  /** `back` is written on a full mark. */
  tone: 'text' | 'quiet' | 'back'
  /** Written upwards. */
  isTurned?: boolean
}

export const sceneWidth = 480

/** A text that fits into some px at 11 px a line, its end left out. */
export function fitText(text: string, widthPx: number): string {
  const most = Math.max(2, Math.floor(widthPx / 6))
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

export const showCount = (count: number): string => count.toLocaleString('en')

/** A number with three digits that count. */
export function showNumber(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)) return value.toExponential(2)
  return Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 3)).toLocaleString('en', { maximumFractionDigits: 6 })
}
