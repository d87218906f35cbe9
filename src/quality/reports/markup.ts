import { escapeMarkup } from './escape.ts'

/** Text that is markup already, made by `markup` alone. */
export interface Markup {
  readonly markup: string
}

type Part = string | number | null | undefined | false | Markup | readonly Markup[]

/**
 * Template of HTML or SVG. Whatever is put in is escaped, for elements and quoted attributes alike, unless `markup` made it;
 * null, undefined and false leave nothing.
 */
export function markup(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return { markup: strings.map((string, i) => (i === 0 ? string : writePart(parts[i - 1]) + string)).join('') }
}

function writePart(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (typeof part === 'string') return escapeMarkup(part)
  if (typeof part === 'number') return Number.isFinite(part) ? String(part) : '0'
  if ('markup' in part) return part.markup
  return part.map((one) => one.markup).join('')
}
