import { labelKinds } from '#contract'
import { nearestNames } from '../nearest.ts'
import { quoteText, type Span } from '../problem.ts'
import type { LayerName, Value } from '../syntax/ast.ts'
import { fail, type Context } from './context.ts'

/** Id of a class by its exact name. */
export function findClass(context: Context, name: string, span: Span): number {
  return find(context.classes, name, span, 'a class')
}

export function findTag(context: Context, name: string, span: Span): number {
  return find(context.tags, name, span, 'a tag')
}

/** Null stands for the default layer while it holds nothing. */
export function findLayer(context: Context, layer: LayerName | null): number | null {
  if (layer === null || layer.name === context.schema.defaultLayer) return context.defaultLayerId
  return find(context.layers, layer.name, layer.span, 'a layer')
}

/** Index in `labelKinds`. */
export function findKind(value: Value): number {
  const index = (labelKinds as readonly string[]).indexOf(value.text)
  if (index >= 0) return index
  return fail({
    span: value.span,
    expected: [...labelKinds],
    got: quoteText(value.text),
    candidates: nearestNames(value.text, labelKinds),
  })
}

function find(known: ReadonlyMap<string, number>, name: string, span: Span, what: string): number {
  const id = known.get(name)
  if (id !== undefined) return id
  const names = [...known.keys()]
  return fail({
    span,
    expected: `${what} of this dataset`,
    got: quoteText(name),
    hint: hintFor(what, names),
    candidates: nearestNames(name, names),
  })
}

function hintFor(what: string, names: readonly string[]): string {
  const kind = what.replace(/^an? /, '')
  if (names.length === 0) return `The dataset has no ${kind} yet.`
  const some = names.slice(0, 8).map(quoteText).join(', ')
  return `There ${names.length === 1 ? 'is' : 'are'} ${some}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`
}
