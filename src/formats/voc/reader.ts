import { throwIfAborted, type WalkedFile } from '#base'
import { readValueNames } from '../label-names.ts'
import { partsOf, problem, readText, samplePathOf, splitOfFolders } from '../layout.ts'
import type { DraftProblem, DraftSample, FormatReader, ReadPlan, SourceTree } from '../types.ts'
import { readAnnotation, type VocAnnotation } from './annotation.ts'
import { createVocTree, type VocTree } from './layout.ts'
import { draftMaskOf, standardNames } from './masks.ts'
import { readImageSets } from './splits.ts'

/** Annotations opened to tell the format, and how much of each. */
const opened = 5

/** Pascal VOC: an XML file an image, in the devkit's folders, in folders of any similar names, or beside the image. */
export const vocReader: FormatReader = {
  format: 'voc',
  looksFor: [
    'JPEGImages/ with Annotations/*.xml (and ImageSets/, SegmentationClass/, SegmentationObject/)',
    'images|data + annotations|labels with Pascal VOC XML files of the same stem',
    'Pascal VOC XML files beside the images',
  ],
  async detect(tree) {
    const voc = createVocTree(tree)
    const annotations = tree.file === null ? voc.annotations : voc.annotations.filter(({ path }) => path === tree.file)
    const devkit = tree.files.some(({ relative }) => partsOf(relative).folders.includes('JPEGImages'))
    const step = Math.max(1, Math.floor(annotations.length / opened))
    for (let i = 0; i < annotations.length; i += step) {
      const annotation = annotations[i]!
      if (!/<annotation[\s>]/.test((await readText(annotation.path).catch(() => '')).slice(0, 4_096))) continue
      const layout = devkit
        ? 'VOC development kit'
        : (await besideImage(voc, annotation))
          ? 'XML beside the images'
          : 'image and annotation folders'
      return {
        format: 'voc',
        layout,
        evidence: `${annotation.relative} is a Pascal VOC annotation (${annotations.length} XML files)`,
        confidence: 0.92,
      }
    }
    if (tree.file === null && devkit && voc.hasMasks) {
      return {
        format: 'voc',
        layout: 'VOC segmentation',
        evidence: 'JPEGImages with SegmentationClass or SegmentationObject',
        confidence: 0.7,
      }
    }
    return null
  },
  async read(tree, { signal }): Promise<ReadPlan> {
    const voc = createVocTree(tree)
    const names = await findNames(tree)
    const only = tree.file === null ? null : voc.annotations.filter(({ path }) => path === tree.file)
    return {
      classes: [...new Set(Object.values(names ?? {}))].map((name) => ({ name })),
      total: only ? only.length : voc.images.length,
      items: itemsOf(tree, voc, names ?? standardNames, only, signal),
    }
  },
}

async function besideImage(voc: VocTree, annotation: WalkedFile): Promise<boolean> {
  const image = await voc.imageOf(annotation, [])
  return (
    image !== null &&
    image.slice(0, image.lastIndexOf('.')) === annotation.path.slice(0, annotation.path.lastIndexOf('.'))
  )
}

async function findNames(tree: SourceTree): Promise<Record<number, string> | null> {
  const file = tree.files.find(({ relative }) => partsOf(relative).name === 'labelmap.txt')
  const found = file && (await readValueNames(file.path).catch(() => null))
  // Tools write masks as palette indexes or as colours; a colour is a larger number than any index but for pure blues.
  return found && Object.keys(found.names).length > 0 ? { ...found.colours, ...found.names } : null
}

async function* itemsOf(
  tree: SourceTree,
  voc: VocTree,
  names: Record<number, string>,
  only: readonly WalkedFile[] | null,
  signal: AbortSignal,
): AsyncGenerator<DraftSample | DraftProblem> {
  const splitOf = await readImageSets(tree)
  const imageByPath = new Map(voc.images.map((image) => [image.path, image]))
  const sampleOf = async (file: string, annotation: VocAnnotation | null): Promise<DraftSample> => {
    const image = imageByPath.get(file) ?? { path: file, relative: samplePathOf(tree.root, file) }
    const { top, id } = voc.idOf(image)
    const split = splitOf(top, id) ?? splitOfFolders(partsOf(image.relative).folders)
    const mask = await draftMaskOf(voc.masksOf(image), annotation?.objects ?? [], names)
    return {
      type: 'sample',
      file,
      path: image.relative,
      ...(split === undefined ? {} : { split }),
      labels: annotation?.labels ?? [],
      ...(mask ? { masks: [mask] } : {}),
      ...(annotation?.size ? { statedSize: annotation.size } : {}),
    }
  }
  const annotated = new Map<string, string>()
  for (const file of only ?? voc.annotations) {
    throwIfAborted(signal)
    const annotation = await readAnnotation(file.path)
    if (!annotation) continue
    yield* annotation.problems
    const unreadable = annotation.problems.some(({ code }) => code === 'annotation-broken')
    const image = await voc.imageOf(file, unreadable ? [] : [annotation.filename, annotation.path])
    // An image whose annotation is broken is left out with it: without labels it would pass for an empty one.
    if (unreadable) {
      if (image !== null) annotated.set(image, file.relative)
      continue
    }
    if (image === null) {
      const stated = annotation.filename ?? 'no filename'
      yield problem(
        file.path,
        'image-missing',
        `No image has the stem of this annotation, and it names ${stated}.`,
        'Add the image, or remove the annotation.',
      )
      continue
    }
    const first = annotated.get(image)
    if (first !== undefined) {
      yield problem(
        file.path,
        'annotation-twice',
        `Its image is already described by ${first}, which was taken.`,
        'Merge or remove one of the two.',
      )
      continue
    }
    annotated.set(image, file.relative)
    yield await sampleOf(image, annotation)
  }
  if (only) return
  for (const image of voc.images) {
    throwIfAborted(signal)
    if (!annotated.has(image.path)) yield await sampleOf(image.path, null)
  }
}
