import { labelKinds } from '#contract'
import { matchesGlob } from '../glob.ts'
import { quoteText } from '../problem.ts'
import type { BareTerm, Operand, OperandTerm, Term } from '../syntax/ast.ts'
import { collect, fail, use, type Context } from './context.ts'
import { findClass, findKind, findLayer, findTag } from './names.ts'
import { checkSlice } from './slices.ts'
import {
  fieldColumn,
  placed,
  resolveCall,
  resolveLabelName,
  resolveMeasure,
  resolveSampleName,
  type Subject,
} from './subjects.ts'
import { numberColumn, readNameTest, readTest, type NameTest, type SignedTest, type Trial } from './tests.ts'
import type { LabelSet, Literal, Test, TypedTerm } from './typed.ts'

type Scope = 'sample' | 'label'

const nothing: TypedTerm = { kind: 'constant', value: false }
const negate = (term: TypedTerm, negated: boolean): TypedTerm => (negated ? { kind: 'not', term } : term)
const zero: Literal = { value: 0, type: 'BIGINT' }
const some: Test = { kind: 'compare', operator: '>', value: zero }

/** Resolves names and reads values; each fault is noted in the context, and the term it spoils stands as false. */
export function checkTerm(context: Context, term: Term, scope: Scope): TypedTerm {
  switch (term.kind) {
    case 'and':
    case 'or': {
      const inner = { ...context, level: context.level + 1 }
      return { kind: term.kind, terms: term.terms.map((one) => checkTerm(inner, one, scope)) }
    }
    case 'not':
      return { kind: 'not', term: checkTerm({ ...context, level: context.level + 1 }, term.term, scope) }
    case 'broken':
      return nothing
    case 'compare':
    case 'between':
    case 'in':
    case 'missing':
    case 'slice':
    case 'bare':
    case 'operand':
      return collect(context, () => checkLeaf(context, term, scope), nothing)
  }
}

function checkLeaf(
  context: Context,
  term: Exclude<Term, { kind: 'and' | 'or' | 'not' | 'broken' }>,
  scope: Scope,
): TypedTerm {
  use(context, 'terms', term.span)
  switch (term.kind) {
    case 'bare':
      return scope === 'sample' ? checkBare(context, term) : checkBareLabel(context, term)
    case 'slice':
      if (scope === 'sample') return checkSlice(context, term)
      return fail({
        span: term.span,
        expected: 'a condition on labels',
        got: 'a slice',
        hint: 'Slices hold samples; put it outside the square brackets.',
      })
    case 'operand':
      return checkAlone(context, term, scope)
    case 'compare':
    case 'between':
    case 'in':
    case 'missing':
      return checkTrial(context, resolve(context, term.operand, scope), term)
  }
}

/** What the operand is about; checks the condition inside `labels[…]` too. */
export function resolve(context: Context, operand: Operand, scope: Scope): Subject {
  if (operand.kind === 'name') {
    return scope === 'sample' ? resolveSampleName(context, operand) : resolveLabelName(context, operand)
  }
  if (scope === 'label') {
    const hint = 'Inside square brackets stand conditions on one label, like class = "crack" and area > 0.01.'
    return fail({ span: operand.span, expected: 'a property of labels', got: `a term about samples`, hint })
  }
  switch (operand.kind) {
    case 'call':
      return resolveCall(context, operand)
    case 'layer': {
      const layerId = findLayer(context, operand.layer)
      return operand.name === 'class'
        ? { kind: 'class', layerId }
        : { kind: 'count', labels: { layerId, where: placed } }
    }
    case 'labels': {
      const layerId = findLayer(context, operand.layer)
      const where = operand.where === null ? null : checkTerm(context, operand.where, 'label')
      const labels: LabelSet = { layerId, where }
      return operand.measure === null ? { kind: 'count', labels } : resolveMeasure(context, labels, operand.measure)
    }
  }
}

function checkTrial(context: Context, subject: Subject, trial: Trial): TypedTerm {
  switch (subject.kind) {
    case 'column':
      return fromTest(readTest(context, subject.column, trial), (test) => ({
        kind: 'test',
        column: subject.column,
        test,
      }))
    case 'class': {
      use(context, 'lookups', trial.span)
      const chosen = readNameTest(context, 'class', trial)
      const ids = chosenIds(chosen, context.classes, (name, span) => findClass(context, name, span))
      const where: TypedTerm | null = ids === null ? null : { kind: 'class-of-label', ids }
      return negate(
        { kind: 'labels', labels: { layerId: subject.layerId, where }, measure: null, test: some },
        chosen.negated,
      )
    }
    case 'tag': {
      use(context, 'lookups', trial.span)
      const chosen = readNameTest(context, 'tag', trial)
      const ids = chosenIds(chosen, context.tags, (name, span) => findTag(context, name, span))
      return negate({ kind: 'tag', ids: ids ?? 'any' }, chosen.negated)
    }
    case 'label-class': {
      const chosen = readNameTest(context, 'class', trial)
      const ids = chosenIds(chosen, context.classes, (name, span) => findClass(context, name, span))
      return ids === null
        ? { kind: 'constant', value: !chosen.negated }
        : negate({ kind: 'class-of-label', ids }, chosen.negated)
    }
    case 'label-kind': {
      const chosen = readNameTest(context, 'kind', trial)
      if (chosen.names === null && chosen.glob === null) return { kind: 'constant', value: !chosen.negated }
      const globbed = labelKinds.flatMap((kind, index) => (matchesGlob(chosen.glob ?? '', kind) ? [index] : []))
      return negate({ kind: 'kind-of-label', indexes: chosen.names?.map(findKind) ?? globbed }, chosen.negated)
    }
    case 'count': {
      if (trial.kind === 'missing') {
        return fail({
          span: trial.span,
          expected: 'a comparison',
          got: '"is missing"',
          hint: 'A count is never missing; write = 0.',
        })
      }
      use(context, 'lookups', trial.span)
      return fromTest(readTest(context, numberColumn('A count', 'integer'), trial), (test) => ({
        kind: 'labels',
        labels: subject.labels,
        measure: null,
        test,
      }))
    }
    case 'measure': {
      use(context, 'lookups', trial.span)
      const { labels, aggregate, column } = subject
      const measured = numberColumn(`The ${aggregate} of ${column.title}`, 'number')
      return fromTest(readTest(context, measured, trial), (test) => ({
        kind: 'labels',
        labels,
        measure: { aggregate, column },
        test,
      }))
    }
    case 'call':
      if (trial.kind === 'missing') {
        return fail({
          span: trial.span,
          expected: 'a comparison',
          got: '"is missing"',
          hint: 'Like similar("s_12") > 0.8.',
        })
      }
      return fromTest(readTest(context, numberColumn(subject.call.name, 'number'), trial), (test) => ({
        kind: 'embedding',
        call: { ...subject.call, test },
      }))
  }
}

const fromTest = ({ test, negated }: SignedTest, make: (test: Test) => TypedTerm): TypedTerm =>
  negate(make(test), negated)

/** Ids of the names listed or globbed; null when the question is whether there is any. */
function chosenIds(
  { names, glob }: NameTest,
  known: ReadonlyMap<string, number>,
  find: (name: string, span: { start: number; end: number }) => number,
): number[] | null {
  if (names !== null) return names.map(({ text, span }) => find(text, span))
  if (glob === null) return null
  return [...known].flatMap(([name, id]) => (matchesGlob(glob, name) ? [id] : []))
}

function checkAlone(context: Context, term: OperandTerm, scope: Scope): TypedTerm {
  const subject = resolve(context, term.operand, scope)
  if (subject.kind === 'count') {
    use(context, 'lookups', term.span)
    return { kind: 'labels', labels: subject.labels, measure: null, test: some }
  }
  if (subject.kind === 'call' && subject.call.name === 'text') return { kind: 'embedding', call: subject.call }
  const example = subject.kind === 'class' ? '= "crack"' : '> 0.8'
  const { end } = term.span
  return fail({ span: { start: end, end }, expected: 'an operator', got: 'none', hint: `Like ${example}.` })
}

/** A word: a boolean field by name, else text to search for in every searched field, tags and classes. */
function checkBare(context: Context, { text, quote, span }: BareTerm): TypedTerm {
  if (quote !== '"') {
    const column = fieldColumn(context, text)
    if (column?.type === 'boolean') return isTrue(column)
    if (quote === '`') {
      return fail({
        span,
        expected: 'a boolean field, or an operator after the field',
        got: quoteText(text),
        hint: 'To search for the text, use double quotes.',
      })
    }
  }
  const wanted = text.toLowerCase()
  if (wanted === '') return { kind: 'constant', value: true }
  const idsOf = (names: ReadonlyMap<string, number>): number[] =>
    [...names].flatMap(([name, id]) => (name.toLowerCase().includes(wanted) ? [id] : []))
  const tagIds = idsOf(context.tags)
  const classIds = context.defaultLayerId === null ? [] : idsOf(context.classes)
  use(context, 'lookups', span, (tagIds.length > 0 ? 1 : 0) + (classIds.length > 0 ? 1 : 0))
  return { kind: 'search', text, tagIds, classIds, layerId: context.defaultLayerId }
}

const isTrue = (column: Extract<Subject, { kind: 'column' }>['column']): TypedTerm => ({
  kind: 'test',
  column,
  test: { kind: 'compare', operator: '=', value: { value: true, type: 'BOOLEAN' } },
})

function checkBareLabel(context: Context, { text, quote, span }: BareTerm): TypedTerm {
  if (quote !== '"') {
    const subject = collectable(() => resolveLabelName(context, { kind: 'name', name: text, quote, span }))
    if (subject?.kind === 'column' && subject.column.type === 'boolean') return isTrue(subject.column)
  }
  const hint = context.classes.has(text) ? `Write class = ${quoteText(text)}.` : 'Like class = "crack" and area > 0.01.'
  return fail({ span, expected: 'a condition on labels', got: quoteText(text), hint })
}

/** A name that may as well be unknown. */
function collectable<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
