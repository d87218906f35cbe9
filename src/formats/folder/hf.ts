import { dirname } from 'node:path'
import type { WalkedFile } from '#base'
import { createListedFinder, type FindImage } from '../find-listed.ts'
import { imagesOf, partsOf, splitOfFolders } from '../layout.ts'
import { draftsOfForeign, findRoles, openTable, scanForeign, tableFormatOf, type ForeignTable } from '../table/index.ts'
import type { DraftProblem, DraftSample, FormatReader, SourceTree } from '../types.ts'

/** Columns that name the image in Hugging Face metadata. */
const pathColumns = ['filename', 'imagefilename']

/**
 * Hugging Face `imagefolder` with metadata: `metadata.csv|jsonl|parquet` beside the images, usually one a split folder. Other
 * columns become fields; an `objects` column becomes boxes. Images without a row come without labels.
 */
export const huggingFaceReader: FormatReader = {
  format: 'hf',
  looksFor: [
    'metadata.csv, metadata.jsonl or metadata.parquet with a file_name column, in the folder of the images or of a split',
  ],
  async detect(tree) {
    for (const file of metadataOf(tree)) {
      const source = await openTable(tableFormatOf(file.relative)!, file.path).catch(() => null)
      const roles = source && findRoles(source.columns, pathColumns)
      if (!roles) continue
      const splits = new Set(
        metadataOf(tree).flatMap(({ relative }) => splitOfFolders(partsOf(relative).folders) ?? []),
      )
      const layout = splits.size > 0 ? 'split folders with metadata' : 'image folder with metadata'
      return { format: 'hf', layout, evidence: `${file.relative} has a column ${roles.path}`, confidence: 0.95 }
    }
    return null
  },
  async read(tree, { signal }) {
    const tables: { table: ForeignTable; split: string | undefined; find: FindImage }[] = []
    for (const file of metadataOf(tree)) {
      const source = await openTable(tableFormatOf(file.relative)!, file.path)
      const table = await scanForeign(file.path, source, signal, pathColumns)
      if (table)
        tables.push({
          table,
          split: splitOfFolders(partsOf(file.relative).folders),
          find: createListedFinder(tree, dirname(file.path)),
        })
    }
    const classes = [...new Set(tables.flatMap(({ table }) => [...table.classes]))]
    const items = async function* (): AsyncGenerator<DraftSample | DraftProblem> {
      const told = new Set<string>()
      for (const { table, split, find } of tables) {
        for await (const item of draftsOfForeign(table, { find, split, signal })) {
          if (item.type === 'sample') told.add(item.file)
          yield item
        }
      }
      for (const image of imagesOf(tree)) {
        if (told.has(image.path)) continue
        const split = splitOfFolders(partsOf(image.relative).folders)
        yield {
          type: 'sample',
          file: image.path,
          path: image.relative,
          ...(split === undefined ? {} : { split }),
          labels: [],
        }
      }
    }
    return { classes: classes.map((name) => ({ name })), total: null, items: items() }
  },
}

function metadataOf(tree: SourceTree): WalkedFile[] {
  const names = ['metadata.csv', 'metadata.jsonl', 'metadata.parquet']
  if (tree.file !== null)
    return tree.files.filter(({ path, relative }) => path === tree.file && names.includes(relative))
  return tree.files.filter(({ relative }) => names.includes(partsOf(relative).name))
}
