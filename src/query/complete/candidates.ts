import { labelKinds, type Suggestion, type Scalar } from '#contract'
import type { Context } from '../check/context.ts'
import { article } from '../check/literals.ts'
import { resolve } from '../check/terms.ts'
import { labelColumns, type Column } from '../check/typed.ts'
import { operatorsOf } from '../check/tests.ts'
import type { Operand } from '../syntax/ast.ts'
import { aggregateFunctions } from '../syntax/ast.ts'
import type { Expectation, ScopeKind } from '../syntax/expectation.ts'
import { quote } from '../syntax/format.ts'
import { readTokens } from '../syntax/lexer.ts'
import { isReserved } from '../syntax/words.ts'
import type { Place } from './place.ts'

/** A suggestion before it is known what of it is typed already; `name` is what typing is matched against beside `text`. */
export interface Candidate extends Omit<Suggestion, 'replace'> {
  name: string
}

export type LookUpValues = (field: string, typed: string) => Promise<readonly { value: Scalar; count: number }[]>

/** Everything the grammar and the dataset allow at a place, the most telling first. */
export async function listCandidates(
  context: Context,
  expected: Expectation,
  place: Place,
  values?: LookUpValues,
): Promise<Candidate[]> {
  switch (expected.kind) {
    case 'term':
      return expected.scope === 'sample' ? listSampleTerms(context) : listLabelTerms(context)
    case 'operator':
      return listOperators(context, expected.operand, expected.scope)
    case 'value':
      return listValues(context, expected.operand, expected.scope, place, values)
    case 'order':
      return [...sampleNumbers(), ...listFields(context), ...listClassCounts(context), ...likenesses()]
    case 'name':
      return listNames(context, expected.of, place)
    case 'member':
      return listMembers(expected.of)
    case 'keywords':
      return expected.words.map((word) => candidate(/^\w/.test(word) ? 'keyword' : 'operator', word, ''))
  }
}

function candidate(
  kind: Suggestion['kind'],
  text: string,
  detail: string,
  count: number | null = null,
  name = text,
): Candidate {
  return { kind, text, detail, count, name }
}

const sampleNumbers = (): Candidate[] => [
  candidate('function', 'objects', 'number of labels that have a place'),
  candidate('function', 'labels.count', 'number of labels'),
]

const likenesses = (): Candidate[] => [
  candidate('function', 'similar("', 'likeness to a sample, up to 1'),
  candidate('function', 'text("', 'likeness to a description'),
]

function listSampleTerms(context: Context): Candidate[] {
  const { schema } = context
  return [
    candidate('function', 'class', 'class of a label'),
    candidate('function', 'tag:', 'tag of the sample'),
    ...sampleNumbers(),
    candidate('function', 'labels[', 'labels that meet a condition'),
    ...listFields(context),
    ...schema.classes.map(({ name, samples }) =>
      candidate('class', `class = ${quote(name, '"')}`, 'class', samples, name),
    ),
    ...schema.tags.map(({ name, samples }) => candidate('tag', `tag:${wordOrQuoted(name)}`, 'tag', samples, name)),
    ...schema.slices.map(({ name, query }) =>
      candidate('slice', `slice:${wordOrQuoted(name)}`, query.slice(0, 80), null, name),
    ),
    ...schema.layers.map(({ name }) => candidate('layer', `layer(${quote(name, '"')}).`, 'layer', null, name)),
    candidate('keyword', 'not', 'turns a term round'),
    candidate('function', 'count("', 'number of labels of a class'),
    ...likenesses(),
  ]
}

function listFields({ schema }: Context): Candidate[] {
  return schema.fields.map(({ name, type, unit }) => {
    const plain = isPlainWord(name) && !['class', 'tag', 'objects', 'labels'].includes(name)
    return candidate('field', plain ? name : quote(name, '`'), unit === null ? type : `${type}, ${unit}`, null, name)
  })
}

function listClassCounts({ schema }: Context): Candidate[] {
  return schema.classes.map(({ name, samples }) =>
    candidate('class', `count(${quote(name, '"')})`, 'number of labels of the class', samples, name),
  )
}

function listLabelTerms({ schema }: Context): Candidate[] {
  return [
    candidate('field', 'class', 'class of the label'),
    candidate('field', 'kind', labelKinds.join(', ')),
    ...labelColumns.map((name) => candidate('field', name, labelDetail(name))),
    ...schema.attributes.map(({ name, type }) => {
      const taken = ['class', 'kind', ...labelColumns].includes(name)
      return candidate('field', isPlainWord(name) && !taken ? name : quote(name, '`'), `attribute, ${type}`, null, name)
    }),
    candidate('keyword', 'not', 'turns a condition round'),
  ]
}

function labelDetail(name: (typeof labelColumns)[number]): string {
  if (name === 'author') return 'string'
  if (name === 'score') return 'number, 0..1'
  return name === 'area_px' ? 'number, px²' : name.endsWith('_px') ? 'number, px' : 'number, share of the image'
}

const operatorDetail: Record<string, string> = {
  '=': 'equal',
  '!=': 'not equal',
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '~': 'like a glob, * and ?',
  '!~': 'not like a glob',
}

function listOperators(context: Context, operand: Operand, scope: ScopeKind): Candidate[] {
  const subject = subjectOf(context, operand, scope)
  const words = (list: string[]): Candidate[] => list.map((word) => candidate('operator', word, ''))
  const signs = (list: readonly string[]): Candidate[] =>
    list.map((sign) => candidate('operator', sign, operatorDetail[sign] ?? ''))
  switch (subject?.kind) {
    case undefined:
      return []
    case 'column': {
      const ordered = operatorsOf[subject.column.type].includes('<')
      return [
        ...signs(operatorsOf[subject.column.type]),
        ...words(['in (', ...(ordered ? ['between'] : []), 'exists', 'is missing']),
      ]
    }
    case 'class':
    case 'tag':
    case 'label-class':
    case 'label-kind':
      return [...signs(['=', '!=', '~', '!~']), ...words(['in (', 'exists', 'is missing'])]
    case 'count':
    case 'measure':
    case 'call':
      return [...signs(['>', '>=', '=', '<', '<=', '!=']), ...words(['between', 'in ('])]
  }
}

async function listValues(
  context: Context,
  operand: Operand,
  scope: ScopeKind,
  place: Place,
  values?: LookUpValues,
): Promise<Candidate[]> {
  const subject = subjectOf(context, operand, scope)
  switch (subject?.kind) {
    case 'class':
    case 'label-class':
      return listNames(context, 'class', place)
    case 'tag':
      return context.schema.tags.map(({ name, samples }) =>
        candidate('tag', wordOrQuoted(name, place), 'tag', samples, name),
      )
    case 'label-kind':
      return labelKinds.map((kind) => candidate('value', wordOrQuoted(kind, place), 'kind of label', null, kind))
    case 'column':
      return listColumnValues(subject.column, place, values)
    case undefined:
    case 'count':
    case 'measure':
    case 'call':
      return []
  }
}

async function listColumnValues(
  { source, type, title }: Column,
  place: Place,
  values?: LookUpValues,
): Promise<Candidate[]> {
  if (type === 'boolean') return ['true', 'false'].map((word) => candidate('value', word, title))
  if (source.kind !== 'field' || values === undefined || (type !== 'string' && type !== 'integer')) return []
  const found = await values(source.name, place.typed)
  return found.flatMap(({ value, count }) => {
    if (value === null) return []
    const text = String(value)
    return [candidate('value', type === 'string' ? quote(text, '"') : text, article(type), count, text)]
  })
}

function listNames({ schema }: Context, of: 'slice' | 'layer' | 'class', place: Place): Candidate[] {
  switch (of) {
    case 'slice':
      return schema.slices.map(({ name, query }) =>
        candidate('slice', wordOrQuoted(name, place), query.slice(0, 80), null, name),
      )
    case 'layer':
      return schema.layers.map(({ name }) => candidate('layer', quote(name, '"'), 'layer', null, name))
    case 'class':
      return schema.classes.map(({ name, samples }) => candidate('class', quote(name, '"'), 'class', samples, name))
  }
}

function listMembers(of: 'labels' | 'layer'): Candidate[] {
  if (of === 'layer') {
    return [
      candidate('function', '.labels[', 'labels that meet a condition'),
      candidate('function', '.labels.count', 'number of labels'),
      candidate('function', '.objects', 'number of labels that have a place'),
      candidate('function', '.class', 'class of a label'),
    ]
  }
  const measures = ['area', 'score'].flatMap((field) => aggregateFunctions.map((name) => `.${field}.${name}`))
  return [
    candidate('function', '.count', 'how many'),
    ...measures.map((text) => candidate('function', text, 'over these labels')),
  ]
}

function subjectOf(context: Context, operand: Operand, scope: ScopeKind) {
  try {
    return resolve(context, operand, scope)
  } catch {
    return null // a name nobody knows: nothing to suggest after it
  }
}

const wordOrQuoted = (name: string, place?: Place): string =>
  isPlainWord(name) && place?.form !== 'quoted' ? name : quote(name, '"')

/** Whether the lexer reads the name as one word that means nothing else. */
function isPlainWord(name: string): boolean {
  if (isReserved(name) || name.length > 1000) return false
  try {
    const [first, second] = readTokens(name)
    return first?.kind === 'word' && first.text === name && second?.kind === 'end'
  } catch {
    return false
  }
}
