import { open } from 'node:fs/promises'
import { throwIfAborted, type WalkedFile } from '#base'
import { imagesOf, partsOf, stemOf } from '../layout.ts'
import type { SourceTree } from '../types.ts'
import { looksLikeYaml } from './config.ts'
import { labelPlaces } from './label-path.ts'
import { isNamesFile, looksLikeData } from './names.ts'
import { readRow } from './rows.ts'

/** How a tree is laid out: described by a yaml or `.data` file, by names alone, or by nothing but its label files. */
export type YoloLayout =
  | { kind: 'yaml' | 'data'; file: WalkedFile; others: WalkedFile[] }
  | { kind: 'names'; files: WalkedFile[] }
  | { kind: 'rows' }

const sniffBytes = 64 * 1024
/** Descriptions opened before the search for one ends. */
const triesMax = 200
/** Label files opened to see whether they hold rows. */
const rowTriesMax = 25

/** Null when nothing here is YOLO's. */
export async function findLayout(tree: SourceTree, signal?: AbortSignal): Promise<YoloLayout | null> {
  const given = tree.file
  const candidates = given === null ? tree.files : tree.files.filter((file) => file.path === given)
  const yamls = await findDescriptions(candidates, /\.ya?ml$/i, looksLikeYaml, signal)
  if (yamls.length > 0) return { kind: 'yaml', file: yamls[0]!, others: yamls.slice(1) }
  const datas = await findDescriptions(candidates, /\.data$/i, looksLikeData, signal)
  if (datas.length > 0) return { kind: 'data', file: datas[0]!, others: datas.slice(1) }
  const names = candidates.filter(({ relative }) => isNamesFile(partsOf(relative).name))
  if (given !== null && names.length === 0) return null
  if (!(await holdsRows(tree, signal))) return null
  return names.length > 0 ? { kind: 'names', files: names } : { kind: 'rows' }
}

/** Files whose start looks like a description; the usual names first, then those nearest to the root. */
async function findDescriptions(
  files: readonly WalkedFile[],
  name: RegExp,
  looks: (text: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<WalkedFile[]> {
  const usual = ({ relative }: WalkedFile): number => (/^(data|dataset|obj)$/i.test(partsOf(relative).stem) ? 0 : 1)
  const depth = ({ relative }: WalkedFile): number => partsOf(relative).folders.length
  const ordered = files
    .filter(({ relative }) => name.test(relative))
    .toSorted((a, b) => depth(a) - depth(b) || usual(a) - usual(b))
  const found: WalkedFile[] = []
  for (const file of ordered.slice(0, triesMax)) {
    throwIfAborted(signal)
    if (looks(await readStart(file.path))) found.push(file)
  }
  return found
}

/** Whether the label files of a few images, taken from all over the tree, hold rows; at least one must. */
async function holdsRows(tree: SourceTree, signal: AbortSignal | undefined): Promise<boolean> {
  const labelled: string[] = []
  for (const { relative } of imagesOf(tree)) {
    const label = labelPlaces(relative).find((place) => tree.byRelative.has(place))
    if (label !== undefined) labelled.push(label)
  }
  const step = Math.max(1, Math.floor(labelled.length / rowTriesMax))
  let good = 0
  let bad = 0
  for (let i = 0; i < labelled.length && good + bad < rowTriesMax; i += step) {
    throwIfAborted(signal)
    const text = await readStart(tree.byRelative.get(labelled[i]!)!.path)
    const line = text.split('\n').find((one) => one.trim() !== '')
    if (line === undefined) continue
    // Whether the row is sound does not matter here, only that it is numbers.
    const row = readRow(line, { classes: null, keypoints: null }, '')
    if ('code' in row && (row.code === 'label-class' || /expected (numbers|at least)/.test(row.what))) bad++
    else good++
  }
  return good > bad
}

/** Label files that belong to no image lie beside used ones; what describes the dataset is no label file. */
export function isDescription(relative: string): boolean {
  const { name } = partsOf(relative)
  return isNamesFile(name) || /^(train|val|valid|test|notes|readme.*|requirements)$/i.test(stemOf(name))
}

async function readStart(path: string): Promise<string> {
  const handle = await open(path).catch(() => null)
  if (!handle) return ''
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0)
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '')
  } catch {
    return ''
  } finally {
    await handle.close()
  }
}
