import { imagesOf } from '../layout.ts'
import type { DraftSample, FormatReader, SourceTree } from '../types.ts'

/** Images in any folders, without labels: what is left when nothing else fits. */
export const plainFolderReader: FormatReader = {
  format: 'folder',
  looksFor: ['images at any depth, without labels'],
  async detect(tree) {
    const images = imagesOf(tree)
    if (images.length === 0 || (tree.file !== null && images.length !== 1)) return null
    const evidence = images.length === 1 ? '1 image' : `${images.length} images`
    return { format: 'folder', layout: 'plain images', evidence, confidence: 0.1 }
  },
  async read(tree) {
    const images = imagesOf(tree)
    return { classes: [], total: images.length, items: itemsOf(tree) }
  },
}

async function* itemsOf(tree: SourceTree): AsyncGenerator<DraftSample> {
  for (const image of imagesOf(tree)) yield { type: 'sample', file: image.path, path: image.relative, labels: [] }
}
