import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { labelKinds } from '#contract'
import { compileQuery, listScoreCalls } from './compile.ts'
import { fillTables, makeRows, notes, paths, type LabelRow, type Row } from './testing/rows.ts'
import { schema } from './testing/schema.ts'

/** A query text and what it must answer, worked out apart from the compiler. */
interface Case<T> {
  text: string
  holds: (one: T) => boolean
}

const compare: Record<string, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}
const operator = fc.constantFrom(...Object.keys(compare))

/** All the ways to ask a number; `missing` decides for null. */
function askNumber<T>(
  name: string,
  values: readonly number[],
  get: (one: T) => number | null,
  nullable = true,
): fc.Arbitrary<Case<T>> {
  const value = fc.constantFrom(...values)
  const some = (test: (n: number) => boolean, absent: boolean) => (one: T) => {
    const n = get(one)
    return n === null ? absent : test(n)
  }
  const options: fc.Arbitrary<Case<T>>[] = [
    fc
      .tuple(operator, value)
      .map(([sign, v]) => ({ text: `${name} ${sign} ${v}`, holds: some((n) => compare[sign]!(n, v), sign === '!=') })),
    fc.tuple(value, value, fc.boolean()).map(([low, high, not]) => ({
      text: `${name} ${not ? 'NOT ' : ''}between ${low} and ${high}`,
      holds: some((n) => (n >= low && n <= high) !== not, not),
    })),
    fc.tuple(fc.array(value, { minLength: 1, maxLength: 3 }), fc.boolean()).map(([list, not]) => ({
      text: `${name} ${not ? 'not ' : ''}in (${list.join(', ')})`,
      holds: some((n) => list.includes(n) !== not, not),
    })),
  ]
  if (nullable) {
    options.push(
      fc
        .constantFrom('is missing', 'is null', 'not exists')
        .map((words) => ({ text: `${name} ${words}`, holds: (one) => get(one) === null })),
    )
    options.push(
      fc
        .constantFrom('exists', 'is not missing', 'IS NOT NULL')
        .map((words) => ({ text: `${name} ${words}`, holds: (one) => get(one) !== null })),
    )
  }
  return fc.oneof(...options)
}

function askText<T>(name: string, values: readonly string[], get: (one: T) => string | null): fc.Arbitrary<Case<T>> {
  return fc
    .constantFrom(...values)
    .chain((value) =>
      fc.constantFrom<Case<T>>(
        { text: `${name} = ${JSON.stringify(value)}`, holds: (one) => get(one) === value },
        { text: `${name}:${JSON.stringify(value)}`, holds: (one) => get(one) === value },
        { text: `${name} <> ${JSON.stringify(value)}`, holds: (one) => get(one) !== value },
        { text: `${name} in ("nowhere", ${JSON.stringify(value)})`, holds: (one) => get(one) === value },
        { text: `${name} < ${JSON.stringify(value)}`, holds: (one) => (get(one) ?? '\u{10ffff}') < value },
        { text: `${name} is missing`, holds: (one) => get(one) === null },
      ),
    )
}

function combine<T>(leaf: fc.Arbitrary<Case<T>>): fc.Arbitrary<Case<T>> {
  const { tree } = fc.letrec<{ tree: Case<T> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      tie('tree').map((one) => ({ text: `not (${one.text})`, holds: (row: T) => !one.holds(row) })),
      tie('tree').map((one) => ({ text: `-(${one.text})`, holds: (row: T) => !one.holds(row) })),
      fc.tuple(tie('tree'), tie('tree'), fc.constantFrom(' and ', ' ', ' AND ')).map(([a, b, word]) => ({
        text: `(${a.text})${word}(${b.text})`,
        holds: (row: T) => a.holds(row) && b.holds(row),
      })),
      fc
        .tuple(tie('tree'), tie('tree'))
        .map(([a, b]) => ({ text: `${a.text} or (${b.text})`, holds: (row: T) => a.holds(row) || b.holds(row) })),
    ),
  }))
  return tree.map((one) => ({ ...one, text: `(${one.text})` }))
}

const classes = ['', 'crack', 'blow hole', 'dent']
type Sized = LabelRow & { row: Row }
const boxShare = (index: number, side: 'width' | 'height') => (label: Sized) =>
  label.box === null ? null : label.box[index]! / label.row[side]

const labelCase = combine<Sized>(
  fc.oneof(
    fc
      .constantFrom(1, 2, 3)
      .map((id) => ({ text: `class = "${classes[id]}"`, holds: (label: Sized) => label.class === id })),
    fc.constant({ text: 'class not in ("crack", dent)', holds: (label: Sized) => label.class === 2 }),
    fc.constant({ text: 'class ~ "*c*"', holds: (label: Sized) => label.class === 1 }),
    fc
      .integer({ min: 0, max: 5 })
      .map((kind) => ({ text: `kind != ${labelKinds[kind]!}`, holds: (label: Sized) => label.kind !== kind })),
    askNumber<Sized>('area', [0.01, 0.02], (label) => label.share),
    askNumber<Sized>('area_px', [768, 1536], (label) => label.area),
    askNumber<Sized>('width', [0.1, 0.2], boxShare(2, 'width')),
    askNumber<Sized>('y', [0, 0.1], boxShare(1, 'height')),
    askNumber<Sized>('height_px', [24, 40], (label) => label.box?.[3] ?? null),
    askNumber<Sized>('score', [0.5, 0.9], (label) => label.score),
    askText<Sized>('author', ['anna', 'bob'], (label) => label.author),
    fc.constant({ text: 'occluded', holds: (label: Sized) => label.attributes?.occluded === true }),
    fc.constant({ text: 'occluded = false', holds: (label: Sized) => label.attributes?.occluded === false }),
    fc.constant({ text: 'attr.occluded != true', holds: (label: Sized) => label.attributes?.occluded !== true }),
    askNumber<Sized>('age', [3, 4.5], (label) => (label.attributes?.age as number | undefined) ?? null),
    askNumber<Sized>('attr.width', [7], (label) => (label.attributes?.width as number | undefined) ?? null),
    askText<Sized>('colour', ['red'], (label) => (label.attributes?.colour as string | undefined) ?? null),
  ),
)

const inLayer = (row: Row, layer = 1): Sized[] =>
  row.labels.filter((label) => label.layer === layer).map((label) => ({ ...label, row }))
const counts = [0, 1, 2, 3]

const labelTerms: fc.Arbitrary<Case<Row>>[] = [
  askNumber<Row>('objects', counts, (row) => inLayer(row).filter((label) => label.kind !== 0).length, false),
  askNumber<Row>(
    'annotations.objects',
    counts,
    (row) => inLayer(row).filter((label) => label.kind !== 0).length,
    false,
  ),
  askNumber<Row>('labels.count', counts, (row) => inLayer(row).length, false),
  askNumber<Row>('layer("resnet-1").labels.count', counts, (row) => inLayer(row, 2).length, false),
  askNumber<Row>('crack', counts, (row) => inLayer(row).filter((label) => label.class === 1).length, false),
  askNumber<Row>('"blow hole"', counts, (row) => inLayer(row).filter((label) => label.class === 2).length, false),
  askNumber<Row>('count("dent")', counts, (row) => inLayer(row).filter((label) => label.class === 3).length, false),
  labelCase.chain((inner) =>
    askNumber<Row>(`labels[${inner.text}].count`, counts, (row) => inLayer(row).filter(inner.holds).length, false),
  ),
  labelCase.map((inner) => ({ text: `labels[${inner.text}]`, holds: (row: Row) => inLayer(row).some(inner.holds) })),
  labelCase.map((inner) => ({
    text: `not layer("resnet-1").labels[${inner.text}]`,
    holds: (row: Row) => !inLayer(row, 2).some(inner.holds),
  })),
  fc
    .tuple(labelCase, fc.constantFrom('min', 'max', 'sum', 'mean'))
    .chain(([inner, name]) =>
      askNumber<Row>(
        `labels[${inner.text}].area_px.${name}`,
        [0, 768, 1536],
        (row) => aggregate(name, inLayer(row).filter(inner.holds)),
        name !== 'sum',
      ),
    ),
  fc.constantFrom(1, 2, 3).chain((id) =>
    fc.constantFrom<Case<Row>>(
      { text: `class = "${classes[id]}"`, holds: (row) => inLayer(row).some((label) => label.class === id) },
      { text: `class != "${classes[id]}"`, holds: (row) => !inLayer(row).some((label) => label.class === id) },
      {
        text: `layer("resnet-1").class = "${classes[id]}"`,
        holds: (row) => inLayer(row, 2).some((label) => label.class === id),
      },
    ),
  ),
  fc.constant({ text: 'class is missing', holds: (row: Row) => inLayer(row).length === 0 }),
  fc.constant({ text: 'class in (crack, car)', holds: (row: Row) => inLayer(row).some((label) => label.class === 1) }),
  fc.constant({ text: 'class !~ "*o*"', holds: (row: Row) => !inLayer(row).some((label) => label.class === 2) }),
]

function aggregate(name: string, labels: LabelRow[]): number | null {
  const areas = labels.flatMap(({ area }) => (area === null ? [] : [area]))
  const sum = areas.reduce((a, b) => a + b, 0)
  if (name === 'sum') return sum
  if (areas.length === 0) return null
  return name === 'mean' ? sum / areas.length : name === 'max' ? Math.max(...areas) : Math.min(...areas)
}

const finds = (text: string | null, part: string): boolean => text?.toLowerCase().includes(part.toLowerCase()) ?? false
const tagNames = ['', 'blurry', 'night shift', 'reviewed']

const sampleTerms: fc.Arbitrary<Case<Row>>[] = [
  askNumber<Row>('width', [320, 639.5, 640], (row) => row.width),
  askNumber<Row>('bytes', [1, 1e7, 3e9], (row) => row.bytes),
  askNumber<Row>('brightness', [0, 0.25, 0.5], (row) => row.brightness),
  askNumber<Row>('exif.iso', [100, 150], (row) => row.iso),
  askText<Row>('split', ['train', 'val', 'other'], (row) => row.split),
  askText<Row>(
    'note',
    notes.flatMap((note) => note ?? []),
    (row) => row.note,
  ),
  askText<Row>('path', paths, (row) => row.path),
  fc.constant({ text: 'grayscale', holds: (row: Row) => row.grayscale === true }),
  fc.constant({ text: 'grayscale != true', holds: (row: Row) => row.grayscale !== true }),
  fc.constant({ text: 'bytes > 9MB', holds: (row: Row) => row.bytes > 9e6 }),
  fc.constantFrom(...Object.keys(compare)).map((sign) => ({
    text: `captured_at ${sign} 2024-05-01T14:30:00+02:00`,
    holds: (row: Row) =>
      row.captured === null
        ? sign === '!='
        : compare[sign]!(Date.parse(`${row.captured}Z`), Date.UTC(2024, 4, 1, 12, 30)),
  })),
  fc.constant({
    text: 'captured_at > 2024-05-01',
    holds: (row: Row) => row.captured !== null && row.captured > '2024-05-01 00:00:00',
  }),
  fc.constant({ text: 'phash = "00000000000000FF"', holds: (row: Row) => row.phash === 255n }),
  fc.constant({ text: 'phash != ffffffffffffffff', holds: (row: Row) => row.phash !== 2n ** 64n - 1n }),
  fc
    .constantFrom(1, 2, 3)
    .chain((id) =>
      fc.constantFrom<Case<Row>>(
        { text: `tag:"${tagNames[id]}"`, holds: (row) => row.tags.includes(id) },
        { text: `-tag:"${tagNames[id]}"`, holds: (row) => !row.tags.includes(id) },
        { text: `tag in (blurry, "${tagNames[id]}")`, holds: (row) => row.tags.includes(1) || row.tags.includes(id) },
      ),
    ),
  fc.constant({ text: 'tag is missing', holds: (row: Row) => row.tags.length === 0 }),
  fc.constant({ text: 'tag ~ "*e*"', holds: (row: Row) => row.tags.includes(3) }),
  fc.constantFrom('tile', 'CRACK', 'ärger', 'night', '100%', 'blow').map((word) => ({
    text: word,
    holds: (row: Row) =>
      finds(row.path, word) ||
      finds(row.note, word) ||
      row.tags.some((id) => finds(tagNames[id]!, word)) ||
      inLayer(row).some((label) => finds(classes[label.class]!, word)),
  })),
  fc
    .constantFrom<[string, RegExp]>(
      ['*.jpg', /\.jpg$/],
      ['line-3/*.jpg', /(^|\/)line-3\/[^/]*\.jpg$/],
      ['line-3/**', /(^|\/)line-3\//],
      ['line-3*/**/?.jpg', /(^|\/)line-3[^/]*\/(.*\/)?[^/]\.jpg$/],
      ['**/b/*', /\/b\/[^/]*$/],
      ['Tile_100%*', /Tile_100%[^/]*$/],
      ['?ile*', /(^|\/)[^/]ile[^/]*$/],
      ['sub', /(^|\/)sub$/],
    )
    .chain(([glob, regex]) =>
      fc.constantFrom<Case<Row>>(
        { text: `path ~ ${JSON.stringify(glob)}`, holds: (row) => regex.test(row.path) },
        { text: `path !~ ${JSON.stringify(glob)}`, holds: (row) => !regex.test(row.path) },
      ),
    ),
  fc.constant({ text: 'note ~ "*rack*"', holds: (row: Row) => row.note?.includes('rack') ?? false }),
  fc.constant({ text: 'note !~ "night shift?"', holds: (row: Row) => row.note !== 'night shift?' }),
  fc
    .constantFrom(...Object.keys(compare))
    .map((sign) => ({ text: `id ${sign} "s_7"`, holds: (row: Row) => compare[sign]!(row.id, 7) })),
  fc.constant({ text: 'id in (s_1, "s_2")', holds: (row: Row) => row.id < 3 }),
  fc.constant({
    text: 'slice:both',
    holds: (row: Row) => ((row.brightness ?? 0) > 0.5 || row.tags.includes(3)) && !row.tags.includes(1),
  }),
]

const sampleCase = combine<Row>(fc.oneof(...sampleTerms, ...labelTerms))

describe('compiled SQL', () => {
  let instance: DuckDBInstance
  let connection: DuckDBConnection
  const data: Row[][] = []

  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    connection = await instance.connect()
    for (let seed = 0; seed < 3; seed++) {
      const rows = makeRows(createRng(`oracle ${seed}`))
      data.push(rows)
      await fillTables(connection, `d${seed}`, rows)
    }
  })
  afterAll(() => {
    connection.closeSync()
    instance.closeSync()
  })

  const ask = async (text: string, seed: number): Promise<number[]> => {
    const tables = { samples: `d${seed}.samples`, labels: `d${seed}.labels`, tags: `d${seed}.tags` }
    const { where, orderBy, limit } = compileQuery(text, { ...schema, tables })
    const order = `${orderBy === null ? '' : `${orderBy}, `}s.id`
    const tail = limit === null ? '' : ` LIMIT ${limit}`
    const result = await connection.runAndReadAll(
      `SELECT s.id FROM ${tables.samples} s WHERE ${where.text} ORDER BY ${order}${tail}`,
      where.values,
    )
    return result.getRows().map(([id]) => Number(id))
  }

  it('selects what a plain reading of the query selects', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(sampleCase, fc.integer({ min: 0, max: 2 }), async ({ text, holds }, seed) => {
        expect(await ask(text, seed), text).toEqual(data[seed]!.filter(holds).map(({ id }) => id))
      }),
      { numRuns: 500, seed: 20_240_501 },
    )
  })

  it.each<[string, (a: Row, b: Row) => number]>([
    ['order by brightness', (a, b) => (a.brightness ?? 9) - (b.brightness ?? 9)],
    ['order by brightness desc', (a, b) => (b.brightness ?? -9) - (a.brightness ?? -9)],
    ['order by labels.count desc, width', (a, b) => inLayer(b).length - inLayer(a).length || a.width - b.width],
    ['order by crack desc', (a, b) => countOf(b, 1) - countOf(a, 1)],
    ['order by "blow hole"', (a, b) => countOf(a, 2) - countOf(b, 2)],
    ['order by layer("resnet-1").objects', (a, b) => placed(a, 2) - placed(b, 2)],
    ['limit 5 order by objects desc', (a, b) => placed(b, 1) - placed(a, 1)],
  ])('%s', async (text, by) => {
    const sorted = data[0]!.toSorted((a, b) => by(a, b) || a.id - b.id).map(({ id }) => id)
    expect(await ask(text, 0)).toEqual(text.startsWith('limit') ? sorted.slice(0, 5) : sorted)
  })

  it('takes a limited slice for its first samples', async () => {
    const top = data[0]!
      .filter(({ split }) => split === 'train')
      .toSorted((a, b) => (b.brightness ?? -9) - (a.brightness ?? -9) || a.id - b.id)
      .slice(0, 3)
      .map(({ id }) => id)
    expect(await ask('slice:top', 0)).toEqual(top.toSorted((a, b) => a - b))
    expect((await ask('-slice:top', 0)).length).toBe(21)
  })

  it('runs what is as large as it may get', { timeout: 60_000 }, async () => {
    expect(await ask(`id in (${Array.from({ length: 2_500 }, (_, i) => `s_${i}`).join(',')})`, 0)).toHaveLength(24)
    expect(await ask(`${'not ('.repeat(49)}width > 1${')'.repeat(49)}`, 0)).toHaveLength(0)
    expect(await ask(Array.from({ length: 1_000 }, (_, i) => `width > ${i % 99}`).join(' or '), 0)).toHaveLength(24)
    expect(await ask(Array.from({ length: 100 }, (_, i) => `labels.count >= ${-i}`).join(' and '), 0)).toHaveLength(24)
  })

  it('answers embedding terms by the table given', async () => {
    await connection.run('CREATE OR REPLACE TEMP TABLE alike (id BIGINT, score DOUBLE, hit BOOLEAN)')
    await connection.run('INSERT INTO alike VALUES (3, 1, true), (4, 0.9, false), (5, 0.1, true)')
    const seen: unknown[] = []
    const scored = {
      ...schema,
      scores: (call: unknown) => {
        seen.push(call)
        return 'alike'
      },
    }
    const idsOf = async (text: string): Promise<unknown[]> => {
      const { where, orderBy } = compileQuery(text, scored)
      const order = orderBy === null ? '' : `${orderBy}, `
      const statement = `SELECT s.id FROM d0.samples s WHERE ${where.text} ORDER BY ${order} s.id`
      const reader = await connection.runAndReadAll(statement, where.values)
      return reader.getRows().map(([id]) => Number(id))
    }
    expect(await idsOf('id in (s_2, s_3, s_4, s_5) and similar("s_3") > 0.5')).toEqual([3, 4])
    expect(await idsOf('id in (s_2, s_3, s_4, s_5) and -similar("s_3") > 0.5')).toEqual([2, 5])
    expect(await idsOf('id in (s_2, s_3, s_4, s_5) and text("a dog")')).toEqual([3, 5])
    expect(await idsOf('id in (s_2, s_5, s_4, s_3) order by similar("s_3")')).toEqual([5, 4, 3, 2])
    expect(seen.slice(0, 3)).toEqual([
      { name: 'similar', argument: 's_3' },
      { name: 'similar', argument: 's_3' },
      { name: 'text', argument: 'a dog' },
    ])
    expect(listScoreCalls('text("a") or (width > 1 and similar("s_1") > 0.5) order by text("a")', schema)).toEqual([
      { name: 'text', argument: 'a' },
      { name: 'similar', argument: 's_1' },
    ])
  })
})

const countOf = (row: Row, id: number): number => inLayer(row).filter((label) => label.class === id).length
const placed = (row: Row, layer: number): number => inLayer(row, layer).filter((label) => label.kind !== 0).length
