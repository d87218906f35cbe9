// A catalogue of any size, written by SQL into the tables the catalogue itself made. The same numbers on every machine.
import { DuckDBInstance } from '@duckdb/node-api'
import { labelKinds } from '#contract'
import { systemClock } from '#base'
import { openCatalog } from '#catalog'

export interface SyntheticSize {
  samples: number
  labelsPerSample: number
  /** Files that samples stand for in turn, sample n for number n of them and so on; those that are not there when left out. */
  pictures?: readonly SyntheticPicture[]
}

/** A file on the disk, of the size that `pictureSize` asks for. */
export interface SyntheticPicture {
  file: string
  md5: string
  bytes: number
}

/** Sizes of pictures come round again after this many samples. */
export const sizeRound = 24
/** Width and height that the n-th sample has where there are pictures, px: those of cameras. */
export function pictureSize(n: number): { width: number; height: number } {
  const width = 480 + (n % 8) * 160
  return { width, height: n % 3 === 0 ? width * 0.75 : n % 3 === 1 ? Math.floor((width * 2) / 3) : width }
}

const classNames = ['blowhole', 'break', 'crack', 'fray', 'uneven', 'scratch', 'dent', 'stain', 'chip', 'free']

/** Pseudo-random in [0, 1) from a number and a salt. */
const random = (number: string, salt: number): string => `((hash(${number} * 31 + ${salt}) % 1000003) / 1000003.0)`

/** Makes a catalogue with one dataset, `big`: sizes, brightness and the like over the samples, boxes and masks' bounds as labels. */
export async function makeSyntheticCatalog(file: string, size: SyntheticSize): Promise<void> {
  const { samples, labelsPerSample, pictures } = size
  const catalog = await openCatalog({ file, clock: systemClock })
  const dataset = await catalog.ensureDataset('big', 'bench')
  const change = catalog.openChange({ actor: 'bench', operation: 'bench', dataset })
  await change.step((step) => step.ensureClasses(classNames.map((name) => ({ name }))))
  await change.close('classes')
  const { classes } = await catalog.state(dataset)
  await catalog.close()

  const instance = await DuckDBInstance.create(file, { memory_limit: '2GB' })
  const connection = await instance.connect()
  const d = `d${dataset.id}`
  const columns = await connection.runAndReadAll(
    `SELECT column_name FROM duckdb_columns() WHERE schema_name = '${d}' AND table_name = 'samples' ORDER BY column_index`,
  )
  const now = `TIMESTAMP '2026-01-01'`
  const fixed: Record<string, string> = {
    id: 'i',
    path: `printf('line-%d/cam-%d/%07d.jpg', i % 7, i % 13, i)`,
    source: `printf('/data/line-%d/cam-%d/%07d.jpg', i % 7, i % 13, i)`,
    split: `CASE WHEN i % 10 < 8 THEN 'train' WHEN i % 10 = 8 THEN 'val' ELSE 'test' END`,
    note: 'NULL',
    format: `'jpeg'`,
    bytes: `CAST(20000 + ${random('i', 1)} * 80000 AS BIGINT)`,
    md5: 'md5(CAST(i AS VARCHAR))',
    sha256: `md5(CAST(i AS VARCHAR)) || md5(CAST(-i AS VARCHAR))`,
    phash: 'hash(i)',
    width: `CAST(480 + i % 8 * 160 AS BIGINT)`,
    height: `CAST(360 + i % 6 * 120 AS BIGINT)`,
    aspect: `(480 + i % 8 * 160) / (360 + i % 6 * 120)`,
    channels: '3',
    depth: '8',
    mode: `'rgb'`,
    frames: '1',
    grayscale: 'i % 5 = 0',
    captured_at: `TIMESTAMP '2025-01-01' + INTERVAL (i * 7 % 31536000) SECOND`,
    'exif.make': `'Basler'`,
    'exif.model': `'cam-' || (i % 4)`,
    'exif.iso': 'CAST(100 * (1 + i % 8) AS BIGINT)',
    created_at: now,
    updated_at: now,
    modified_ms: '0',
    added: '1',
    removed: 'NULL',
    live: 'true',
  }
  if (pictures !== undefined) {
    const inTurn = (values: readonly (string | number)[]): string => {
      const list = values.map((value) => (typeof value === 'number' ? value : `'${value.replaceAll("'", "''")}'`))
      return `([${list.join(', ')}])[1 + i % ${values.length}]`
    }
    const sizes = Array.from({ length: sizeRound }, (_, n) => pictureSize(n))
    fixed['width'] = inTurn(sizes.map(({ width }) => width))
    fixed['height'] = inTurn(sizes.map(({ height }) => height))
    fixed['aspect'] = inTurn(sizes.map(({ width, height }) => width / height))
    fixed['source'] = inTurn(pictures.map((picture) => picture.file))
    fixed['md5'] = inTurn(pictures.map((picture) => picture.md5))
    fixed['bytes'] = inTurn(pictures.map((picture) => picture.bytes))
  }
  const measured = [
    'brightness',
    'brightness_p1',
    'brightness_p5',
    'brightness_p50',
    'brightness_p95',
    'brightness_p99',
    'contrast',
    'sharpness',
    'blur_score',
    'entropy',
    'saturation',
    'red',
    'green',
    'blue',
  ]
  measured.forEach((name, i) => (fixed[name] = random('i', 100 + i)))
  const select = columns.getRows().map(([name]) => fixed[String(name)] ?? 'NULL')
  await connection.run(`INSERT INTO ${d}.samples SELECT ${select.join(', ')} FROM range(1, ${samples + 1}) t(i)`)

  await connection.run(`INSERT INTO ${d}.layers VALUES (1000, 'truth')`)
  const firstClass = classes[0]!.id
  const box = labelKinds.indexOf('box')
  const total = samples * labelsPerSample
  // Class k is rarer the higher its number; labels of a sample lie together, as imports write them.
  await connection.run(
    `INSERT INTO ${d}.labels
     SELECT j + 1, j // ${labelsPerSample} + 1, 1000,
       ${firstClass} + CAST(floor(power(${random('j', 1)}, 2) * ${classNames.length}) AS INTEGER),
       CASE WHEN j % 10 = 0 THEN 0 ELSE ${box} END,
       ${random('j', 2)} * 300, ${random('j', 3)} * 200, 10 + ${random('j', 4)} * 150, 10 + ${random('j', 5)} * 150,
       (10 + ${random('j', 4)} * 150) * (10 + ${random('j', 5)} * 150),
       (10 + ${random('j', 4)} * 150) * (10 + ${random('j', 5)} * 150) / 500000,
       ${random('j', 6)}, NULL, CASE WHEN j % 50 = 0 THEN '{"occluded":true}' END, NULL, 1, NULL, true
     FROM range(0, ${total}) t(j)`,
  )
  await connection.run(`INSERT INTO ${d}.tag_names VALUES (2000, 'blurry'), (2001, 'reviewed')`)
  await connection.run(
    `INSERT INTO ${d}.tags SELECT i, 2000, 1, NULL, true FROM range(1, ${samples + 1}) t(i) WHERE i % 20 = 0`,
  )
  await connection.run(
    `INSERT INTO ${d}.tags SELECT i, 2001, 1, NULL, true FROM range(1, ${samples + 1}) t(i) WHERE i % 3 = 0`,
  )
  await connection.run(`INSERT INTO ${d}.attributes VALUES ('occluded', 'boolean')`)
  await connection.run(
    `UPDATE counters SET next = ${Math.max(samples, total) + 10_000} WHERE name IN ('sample', 'label', 'name')`,
  )
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
}
