import { dirname, join, resolve } from 'node:path'
import { FoveaError, throwIfAborted } from '#base'
import { imagesOf, partsOf, problem, readText, splitOfFolders } from '../layout.ts'
import type { DraftProblem, DraftSample, FormatReader, ReadOptions, SourceTree } from '../types.ts'
import { parseYaml, type YoloConfig } from './config.ts'
import { findSplits } from './find-splits.ts'
import { readLabelFiles, unusedLabelFiles, type LabelSource } from './label-files.ts'
import { findLayout, type YoloLayout } from './layouts.ts'
import type { YoloImage } from './media-list.ts'
import { parseData, parseNames, type DeclaredClass } from './names.ts'

/**
 * Reads YOLO datasets: label files with one row an object, in fractions of the image. An image without a label file is
 * unlabelled, one with an empty file is background; both come without labels.
 */
export const yoloReader: FormatReader = {
  format: 'yolo',
  looksFor: [
    'a .yaml with names and train, val or test',
    'obj.data with obj.names and train.txt (darknet)',
    'classes.txt with images/ and labels/, or label files beside the images',
    'images/ and labels/ with rows of numbers',
  ],
  async detect(tree) {
    const layout = await findLayout(tree)
    if (!layout) return null
    switch (layout.kind) {
      case 'yaml':
        return {
          format: 'yolo',
          layout: 'YOLO dataset yaml',
          evidence: `${layout.file.relative} with names and splits`,
          confidence: 0.95,
        }
      case 'data':
        return {
          format: 'yolo',
          layout: 'darknet obj.data',
          evidence: `${layout.file.relative} with names and lists`,
          confidence: 0.93,
        }
      case 'names':
        return {
          format: 'yolo',
          layout: 'YOLO label files with class names',
          evidence: `${layout.files[0]!.relative} and label rows`,
          confidence: 0.92,
        }
      case 'rows':
        return {
          format: 'yolo',
          layout: 'YOLO label files without class names',
          evidence: 'label rows beside images',
          confidence: 0.8,
        }
    }
  },
  async read(tree, options) {
    const { signal } = options
    const layout = await findLayout(tree, signal)
    if (!layout) {
      throw new FoveaError('FORMAT_INVALID', `Expected a YOLO dataset in ${tree.file ?? tree.root}, found none.`, {
        hint: 'A dataset has a yaml with names and splits, or classes.txt beside images and label files.',
      })
    }
    const { labels, splits, problems } = await open(tree, layout, options)
    return {
      classes: [...labels.declared],
      total: splits.reduce((sum, split) => sum + split.images.length, 0),
      items: readItems(tree, labels, splits, problems, signal),
    }
  },
}

interface Opened {
  labels: LabelSource & { declared: DeclaredClass[] }
  splits: { name: string | undefined; images: YoloImage[] }[]
  problems: DraftProblem[]
}

function open(tree: SourceTree, layout: YoloLayout, options: ReadOptions): Promise<Opened> {
  switch (layout.kind) {
    case 'yaml':
      return openYaml(tree, layout, options)
    case 'data':
      return openData(tree, layout, options)
    case 'names':
    case 'rows':
      return openPlain(tree, layout.kind === 'names' ? layout.files.map(({ path }) => path) : [])
  }
}

type Described = Extract<YoloLayout, { kind: 'yaml' | 'data' }>

async function openYaml(tree: SourceTree, layout: Described, options: ReadOptions): Promise<Opened> {
  return openDescribed(tree, layout, parseYaml(await readText(layout.file.path), layout.file.path), options)
}

async function openData(tree: SourceTree, layout: Described, options: ReadOptions): Promise<Opened> {
  const { path } = layout.file
  const values = parseData(await readText(path))
  const stated = values.get('names')
  const own = dirname(path)
  let classes: YoloConfig['classes'] = null
  if (stated !== undefined) {
    const places = [
      resolve(own, stated),
      resolve(dirname(own), stated),
      join(own, partsOf(stated.replaceAll('\\', '/')).name),
    ]
    const text = await firstText(places, options.mayReach)
    if (text === null) {
      throw new FoveaError(
        'FORMAT_INVALID',
        `${path}: the names file ${stated} is not there. Tried: ${places.join(', ')}.`,
        {
          hint: 'Put the file with one class name a line there.',
        },
      )
    }
    classes = parseNames(text)
  }
  const count = Number(values.get('classes'))
  const wrongCount = classes && Number.isInteger(count) && count !== classes.size ? count : null
  const splits = ['train', 'valid', 'val', 'test'].flatMap((name) => {
    const entry = values.get(name)
    return entry === undefined ? [] : [{ name, entries: [entry], required: true }]
  })
  return openDescribed(tree, layout, { classes, keypoints: null, path: null, splits, wrongCount }, options)
}

async function firstText(places: readonly string[], mayReach: ReadOptions['mayReach']): Promise<string | null> {
  for (const place of places) {
    if (mayReach && !(await mayReach(place))) continue
    const text = await readText(place).catch(() => null)
    if (text !== null) return text
  }
  return null
}

async function openDescribed(
  tree: SourceTree,
  { file, others }: Described,
  config: YoloConfig,
  options: ReadOptions,
): Promise<Opened> {
  const { splits, missing, problems } = await findSplits(tree, file.path, config, options)
  if (splits.length === 0) {
    const tried = missing.map(({ name, entry, tried: places }) => `${name}: ${entry} (tried ${places.join(', ')})`)
    throw new FoveaError(
      'FORMAT_INVALID',
      `${file.path} names no images that are there. ${tried.length > 0 ? tried.join('; ') : 'It has none of train, val and test.'}`,
      { hint: 'Correct path, train and val in the file, or import the folder of the images with --format folder.' },
    )
  }
  for (const { name, entry, tried } of missing) {
    problems.push(
      problem(
        file.path,
        'split-missing',
        `${name}: ${entry} is not there. Tried: ${tried.join(', ')}.`,
        'Correct the path, or remove the split.',
      ),
    )
  }
  if (config.wrongCount !== null) {
    const what = `The file states ${config.wrongCount} classes and names ${config.classes!.size}; the names were taken.`
    problems.push(problem(file.path, 'class-count', what, 'Correct the number or the names.'))
  }
  for (const other of others) {
    const what = `This file describes a dataset too; ${file.relative} was taken.`
    problems.push(problem(other.path, 'yolo-described-twice', what, 'Import it on its own by pointing at it.'))
  }
  const declared = config.classes ? [...config.classes.values()] : []
  return { labels: { configOf: () => config, declared: distinct(declared) }, splits, problems }
}

/** Names files hold for everything below their folder; the nearest one counts, and the first for files below none. */
async function openPlain(tree: SourceTree, files: readonly string[]): Promise<Opened> {
  const byFolder = new Map<string, YoloConfig['classes']>()
  for (const file of files) byFolder.set(dirname(file), parseNames(await readText(file)))
  const fallback = byFolder.values().next().value ?? null
  const known = new Map<string, Pick<YoloConfig, 'classes' | 'keypoints'>>()
  const configOf = (label: string): Pick<YoloConfig, 'classes' | 'keypoints'> => {
    const folder = dirname(label)
    let config = known.get(folder)
    if (!config) {
      let above = folder
      while (!byFolder.has(above) && above !== dirname(above)) above = dirname(above)
      known.set(folder, (config = { classes: byFolder.get(above) ?? fallback, keypoints: null }))
    }
    return config
  }
  const splits = new Map<string | undefined, YoloImage[]>()
  for (const { path, relative } of imagesOf(tree)) {
    const split = splitOfFolders(partsOf(relative).folders)
    const images = splits.get(split) ?? []
    splits.set(split, images)
    images.push({ file: path, path: relative, statedFile: null })
  }
  const declared = distinct([...byFolder.values()].flatMap((classes) => [...(classes?.values() ?? [])]))
  return {
    labels: { configOf, declared },
    splits: [...splits].map(([name, images]) => ({ name, images })),
    problems: [],
  }
}

function distinct(classes: readonly DeclaredClass[]): DeclaredClass[] {
  const byName = new Map<string, DeclaredClass>()
  for (const one of classes) byName.set(one.name, { ...one, ...byName.get(one.name) })
  return [...byName.values()]
}

async function* readItems(
  tree: SourceTree,
  labels: LabelSource,
  splits: Opened['splits'],
  problems: readonly DraftProblem[],
  signal: AbortSignal,
): AsyncGenerator<DraftSample | DraftProblem> {
  yield* problems
  const taken = new Map<string, string | undefined>()
  const used = new Set<string>()
  for (const { name, images } of splits) {
    const fresh: YoloImage[] = []
    const twice = new Map<string | undefined, YoloImage[]>()
    for (const image of images) {
      if (!taken.has(image.file)) {
        taken.set(image.file, name)
        fresh.push(image)
        continue
      }
      const first = taken.get(image.file)
      const again = twice.get(first) ?? []
      twice.set(first, again)
      again.push(image)
    }
    for (const [first, again] of twice) {
      const count = again.length === 1 ? 'One image is' : `${again.length} images are`
      const what = `${count} listed in ${name} and before it in ${first}, for example ${again[0]!.path}; ${first} was taken.`
      yield problem(again[0]!.file, 'image-in-splits', what, 'List every image once.')
    }
    for await (const { image, labels: rows, problems: faults, labelFile } of readLabelFiles(
      tree,
      fresh,
      labels,
      signal,
    )) {
      throwIfAborted(signal)
      if (labelFile !== null) used.add(labelFile)
      yield* faults
      yield {
        type: 'sample',
        file: image.file,
        path: image.path,
        ...(name === undefined ? {} : { split: name }),
        labels: rows,
      }
    }
  }
  yield* unusedLabelFiles(tree, used)
  yield* unlistedImages(tree, taken)
}

function* unlistedImages(tree: SourceTree, taken: ReadonlyMap<string, unknown>): Generator<DraftProblem> {
  const rest = imagesOf(tree).filter(({ path }) => !taken.has(path))
  if (rest.length === 0 || tree.file !== null) return
  const count =
    rest.length === 1 ? 'One image belongs to no split and is' : `${rest.length} images belong to no split and are`
  const what = `${count} left out, for example ${rest[0]!.relative}.`
  yield problem(tree.root, 'image-unlisted', what, 'Add their folder to the description, or import it on its own.')
}
