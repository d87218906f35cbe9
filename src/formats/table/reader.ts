import { dirname } from 'node:path'
import { throwIfAborted, type WalkedFile } from '#base'
import { createListedFinder, type FindImage } from '../find-listed.ts'
import { isSplitName, partsOf, problem } from '../layout.ts'
import type { Detection, DraftProblem, DraftSample, FormatReader, ReadPlan, SourceTree } from '../types.ts'
import { findRoles } from './columns.ts'
import { capital, draftsOfForeign, scanForeign } from './foreign.ts'
import { fieldOfColumn, isOwnHeader, isOwnKeys, isScalar, ownColumns, parseOwnFacts, parseOwnLabels } from './own.ts'
import { openTable, tableFormatOf, type TableFormat, type TableRow, type TableSource } from './source.ts'
import { toText } from './values.ts'

/** Folders below the root in which tables are looked for. */
const maxDepth = 1

const looksFor: Record<TableFormat, string> = {
  csv: 'a .csv or .tsv table with a column path, file_name, filename or image',
  jsonl: 'a .jsonl file whose objects have a path, file_name, filename or image',
  parquet: 'a .parquet table with a column path, file_name, filename or image',
}

/** Tables that name images: fovea's own exports, one row a sample, or one row a box. Several (train.csv, val.csv …) are read together. */
export function createTableReader(format: TableFormat): FormatReader {
  return {
    format,
    looksFor: [looksFor[format]],
    async detect(tree) {
      for (const file of tablesOf(tree, format)) {
        const detection = await detectTable(tree, file, format)
        if (detection) return detection
      }
      return null
    },
    async read(tree, { signal }) {
      const plans: ReadPlan[] = []
      for (const file of tablesOf(tree, format)) {
        // A table that names no images stands for something else when the user pointed at the folder.
        const plan = await readTable(tree, file, format, signal)
        if (plan) plans.push(plan)
      }
      const names = new Set(plans.flatMap((plan) => plan.classes.map(({ name }) => name)))
      const total = plans.reduce<number | null>(
        (sum, plan) => (sum === null || plan.total === null ? null : sum + plan.total),
        0,
      )
      return { classes: [...names].map((name) => ({ name })), total, items: chain(plans) }
    },
  }
}

async function* chain(plans: readonly ReadPlan[]): AsyncGenerator<DraftSample | DraftProblem> {
  for (const plan of plans) yield* plan.items
}

function tablesOf(tree: SourceTree, format: TableFormat): WalkedFile[] {
  const tables = tree.files.filter(
    ({ relative }) => tableFormatOf(relative) === format && partsOf(relative).folders.length <= maxDepth,
  )
  return tree.file === null ? tables : tables.filter(({ path }) => path === tree.file)
}

async function detectTable(tree: SourceTree, file: WalkedFile, format: TableFormat): Promise<Detection | null> {
  const source = await openTable(format, file.path).catch(() => null)
  if (!source) return null
  const own = isOwn(source, format)
  const roles = findRoles(source.columns)
  if (!own && !roles) return null
  const found = await firstImageExists(source, own ? 'path' : roles!.path, createListedFinder(tree, dirname(file.path)))
  const layout = own
    ? 'table written by fovea'
    : roles!.box || roles!.bbox
      ? 'table with one row a box'
      : 'table with one row a sample'
  const seen = found ? '' : ', but its first images are not there'
  return {
    format,
    layout,
    evidence: `${file.relative} has a column ${own ? 'path' : roles!.path}${seen}`,
    confidence: found ? (own ? 0.98 : 0.9) : 0.4,
  }
}

/** Whether any of the first rows names an image that is there. */
async function firstImageExists(source: TableSource, column: string, find: FindImage): Promise<boolean> {
  let looked = 0
  for await (const row of source.rows()) {
    if (row.type === 'row') {
      const stated = toText(row.values[column])
      if (stated !== null && (await find(stated)).file !== null) return true
    }
    if (++looked >= 20) return false
  }
  return false
}

function isOwn(source: TableSource, format: TableFormat): boolean {
  return format === 'jsonl' ? isOwnKeys(source.columns) : isOwnHeader(source.columns)
}

async function readTable(
  tree: SourceTree,
  file: WalkedFile,
  format: TableFormat,
  signal: AbortSignal,
): Promise<ReadPlan | null> {
  const source = await openTable(format, file.path)
  const find = createListedFinder(tree, dirname(file.path))
  if (isOwn(source, format))
    return { classes: [], total: source.total, items: draftsOfOwn(file.path, source, find, signal) }
  const table = await scanForeign(file.path, source, signal)
  if (!table) return null
  const stem = partsOf(file.relative).stem
  const split = isSplitName(stem) ? stem : undefined
  return {
    classes: [...table.classes].map((name) => ({ name })),
    total: table.roles.box || table.roles.bbox ? null : table.count,
    items: draftsOfForeign(table, { find, split, signal }),
  }
}

async function* draftsOfOwn(
  file: string,
  source: TableSource,
  find: FindImage,
  signal: AbortSignal,
): AsyncGenerator<DraftSample | DraftProblem> {
  for await (const row of source.rows()) {
    throwIfAborted(signal)
    if (row.type === 'problem') {
      yield row
      continue
    }
    const stated = toText(row.values['path'])
    if (stated === null) {
      yield problem(file, 'table-row', `${capital(row.where)} names no image.`, 'Fill in the path, or remove the row.')
      continue
    }
    const image = await find(stated)
    if (image.file === null) {
      yield problem(
        file,
        'image-missing',
        `${capital(row.where)} names ${stated}, but ${image.why}.`,
        'Correct the path, or put the image there.',
      )
      continue
    }
    const { labels, problems } = parseOwnLabels(row.values['labels'], file, `${file}, ${row.where}`)
    const facts = parseOwnFacts(row.values)
    const fields = fieldsOfOwn(row)
    yield* problems
    yield {
      type: 'sample',
      file: image.file,
      path: image.path,
      ...facts,
      labels: [...facts.labels, ...labels],
      ...(Object.keys(fields).length > 0 ? { fields } : {}),
    }
  }
}

function fieldsOfOwn(row: TableRow): NonNullable<DraftSample['fields']> {
  const nested = row.values['fields']
  const named: [string, unknown][] =
    typeof nested === 'object' && nested !== null
      ? Object.entries(nested)
      : Object.entries(row.values)
          .filter(([column]) => !(ownColumns as readonly string[]).includes(column))
          .map(([column, value]) => [fieldOfColumn(column), value])
  return Object.fromEntries(
    named.filter((entry): entry is [string, string | number | boolean] => isScalar(entry[1]) && entry[1] !== null),
  )
}
