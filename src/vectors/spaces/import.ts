import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { FoveaError, throwIfAborted, type CallContext } from '#base'
import { homeId, type DatasetRef, type VectorPort } from '#catalog'
import type { Matrix } from '../types.ts'
import { asksByLooks, nameSamples } from './scopes.ts'
import type { SpaceRecord, SpaceStore } from './store.ts'

export interface ImportRequest {
  path: string
  dataset: DatasetRef
  space: string
  query: string
  key: 'id' | 'path' | 'source' | 'md5'
  column: string
}

/**
 * Takes vectors from an .npy file (float32 or float64, C order, one row a sample) or a Parquet file (a column that names the
 * sample and one of lists). Rows are scaled to unit length. Nothing is written unless all of it fits.
 * Throws SOURCE_NOT_FOUND, VECTORS_INVALID, SPACE_EXISTS.
 */
export async function importVectorFile(
  { catalog, store }: { catalog: VectorPort; store: SpaceStore },
  request: ImportRequest,
  { signal, progress }: CallContext,
): Promise<SpaceRecord> {
  const { dataset, path, space } = request
  if ((await store.find(homeId(dataset), space)) !== undefined)
    throw new FoveaError('SPACE_EXISTS', `Dataset ${dataset.name} has a space ${space} already.`, {
      hint: `Choose another name with --space, or remove it first: fovea spaces remove --space ${space} --dataset ${dataset.name}`,
    })
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new FoveaError('SOURCE_NOT_FOUND', `There is no file ${path} (${error.code}).`, { cause: error })
  })
  if (!facts.isFile()) throw new FoveaError('VECTORS_INVALID', `Expected a file of vectors, got a folder: ${path}.`)
  progress.report({ stage: 'read', done: 0, unit: 'vectors' })
  const { ids, vectors } = path.endsWith('.npy')
    ? await readNpyOf(catalog, request)
    : path.endsWith('.parquet')
      ? await readParquetOf(catalog, request)
      : refuse(`Expected a file that ends in .npy or .parquet, got ${path}.`, 'Save the vectors in one of the two.')
  throwIfAborted(signal)
  const norms = scaleRows(vectors, path)
  const { ids: known, keys } = await catalog.mediaKeys(dataset)
  const keyOf = new Map<number, number>()
  known.forEach((id, i) => keyOf.set(id, keys[i]!))
  const whole = vectors.rows === known.length
  const part = request.query.trim()
  const record: SpaceRecord = {
    name: space,
    model: 'imported',
    fingerprint: 'imported',
    of: 'samples',
    layer: null,
    dimensions: vectors.columns,
    scopes: whole ? [''] : asksByLooks(part) || part === '' ? nameSamples(ids) : [part],
    generation: 1,
    shards: [],
    failed: [],
  }
  return store.append(homeId(dataset), record, vectors, {
    ids,
    keys: Float64Array.from(ids, (id) => keyOf.get(id)!),
    norms,
  })
}

async function readNpyOf(
  catalog: VectorPort,
  { path, dataset, query }: ImportRequest,
): Promise<{ ids: Float64Array; vectors: Matrix }> {
  const vectors = await readNpy(path)
  const ids = await catalog.idsOf(dataset, { query })
  if (ids.length !== vectors.rows)
    refuse(
      `Expected a row for each of the ${ids.length} samples${query.trim() === '' ? ` of ${dataset.name}` : ' the query matches'}, got ${vectors.rows} rows.`,
      'Say which samples the rows stand for, in order, with a query; or use Parquet with a column that names them.',
    )
  return { ids: Float64Array.from(ids), vectors }
}

/** NumPy's format, versions 1 to 3 (numpy.lib.format). Throws VECTORS_INVALID. */
async function readNpy(path: string): Promise<Matrix> {
  const handle = await open(path)
  try {
    const head = Buffer.alloc(12)
    await handle.read(head, 0, 12, 0)
    if (head.toString('latin1', 0, 6) !== '\x93NUMPY')
      refuse(`${path} is no .npy file: it does not begin with \\x93NUMPY.`)
    const wide = head[6]! >= 2
    const length = wide ? head.readUInt32LE(8) : head.readUInt16LE(8)
    const start = wide ? 12 : 10
    if (length > 65_536) refuse(`The header of ${path} claims ${length} bytes.`)
    const text = Buffer.alloc(length)
    await handle.read(text, 0, length, start)
    const header = text.toString('latin1')
    const type = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'unknown'
    const shape = /'shape':\s*\((\d+),\s*(\d+)\)/.exec(header)
    if (shape === null)
      refuse(`Expected an array of two dimensions in ${path}, got the header ${header.trim().slice(0, 200)}.`)
    if (/'fortran_order':\s*True/.test(header))
      refuse(`${path} is in Fortran order.`, 'Save it with np.save(file, np.ascontiguousarray(x)).')
    const width =
      { '<f4': 4, '<f8': 8 }[type] ??
      refuse(`Expected <f4 or <f8 in ${path}, got ${type}.`, 'Convert with x.astype("float32").')
    const [rows, columns] = [Number(shape[1]), Number(shape[2])]
    const expected = start + length + rows * columns * width
    const { size } = await handle.stat()
    if (size !== expected)
      refuse(
        `${path} has ${size} bytes; ${rows} × ${columns} of ${type} take ${expected}.`,
        'The file was cut or changed; write it again.',
      )
    const data = new Float32Array(rows * columns)
    let at = 0
    let rest: Buffer = Buffer.alloc(0)
    for await (const chunk of createReadStream(path, { start: start + length, highWaterMark: 4 << 20 })) {
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      const count = Math.floor(bytes.length / width)
      for (let i = 0; i < count; i++) data[at++] = width === 4 ? bytes.readFloatLE(i * 4) : bytes.readDoubleLE(i * 8)
      rest = bytes.subarray(count * width)
    }
    return { rows, columns, data }
  } finally {
    await handle.close()
  }
}

async function readParquetOf(
  catalog: VectorPort,
  { path, dataset, key, column }: ImportRequest,
): Promise<{ ids: Float64Array; vectors: Matrix }> {
  const instance = await DuckDBInstance.create(':memory:')
  const db = await instance.connect()
  try {
    const quoted = [key, column].map((name) => `"${name.replaceAll('"', '""')}"`)
    const found = await db
      .runAndReadAll('SELECT name FROM parquet_schema($1)', [path])
      .catch((error: Error) => refuse(`${path} is no Parquet file that can be read (${error.message.split('\n')[0]}).`))
    // The first is the root of the schema.
    const names = found.getColumns()[0]?.slice(1).map(String) ?? []
    for (const name of [key, column])
      if (!names.includes(name))
        refuse(
          `${path} has no column ${name}; it has ${names.filter((known) => known !== 'list' && known !== 'element').join(', ')}.`,
          'Name the columns with --key and --column.',
        )
    const reader = await db.runAndReadAll(`SELECT ${quoted[0]}::VARCHAR, ${quoted[1]}::FLOAT[] FROM read_parquet($1)`, [
      path,
    ])
    const [keys, lists] = reader.getColumns() as [(string | null)[], ({ items: readonly number[] } | null)[]]
    return await match(catalog, dataset, key, keys, lists, path)
  } finally {
    db.closeSync()
    instance.closeSync()
  }
}

async function match(
  catalog: VectorPort,
  dataset: DatasetRef,
  key: ImportRequest['key'],
  keys: readonly (string | null)[],
  lists: readonly ({ items: readonly number[] } | null)[],
  path: string,
): Promise<{ ids: Float64Array; vectors: Matrix }> {
  const { ids, columns } = await catalog.columnsOf(dataset, [key])
  const idOf = new Map(columns[0]!.map((value, i) => [String(value), ids[i]!]))
  const columnsPerRow = lists[0]?.items.length ?? 0
  if (columnsPerRow === 0) refuse(`${path} holds no vectors.`)
  const matched = new Map<number, number>()
  keys.forEach((value, row) => {
    const id = idOf.get(String(value))
    if (id === undefined)
      return refuse(
        `Row ${row + 1} of ${path} names ${key} ${JSON.stringify(value)}, which no sample of ${dataset.name} has.`,
        'Choose the column that names samples with --key id, path, source or md5.',
      )
    if (matched.has(id)) refuse(`Row ${row + 1} of ${path} names sample s_${id} a second time.`)
    const length = lists[row]?.items.length ?? 0
    if (length !== columnsPerRow)
      refuse(`Row ${row + 1} of ${path} has ${length} numbers, the first has ${columnsPerRow}.`)
    matched.set(id, row)
  })
  const order = [...matched.keys()].toSorted((a, b) => a - b)
  const data = new Float32Array(order.length * columnsPerRow)
  order.forEach((id, i) => data.set(lists[matched.get(id)!]!.items, i * columnsPerRow))
  return { ids: Float64Array.from(order), vectors: { rows: order.length, columns: columnsPerRow, data } }
}

/** Scales rows to unit length in place and answers their lengths before. Throws VECTORS_INVALID for NaN and infinity. */
function scaleRows({ rows, columns, data }: Matrix, path: string): Float32Array {
  const norms = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    let squares = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) squares += data[i]! ** 2
    const norm = Math.sqrt(squares)
    if (!Number.isFinite(norm))
      refuse(
        `Row ${row + 1} of ${path} holds a value that is no number (NaN or infinite).`,
        'Find out what the model answered there, and leave the row out.',
      )
    norms[row] = norm
    if (norm > 0) for (let i = row * columns; i < (row + 1) * columns; i++) data[i]! /= norm
  }
  return norms
}

function refuse(message: string, hint?: string): never {
  throw new FoveaError('VECTORS_INVALID', message, hint === undefined ? {} : { hint })
}
