import { readFile } from 'node:fs/promises'
import { decode } from 'fast-png'
import type { WalkedFile } from '#base'
import type { DraftMask } from '../types.ts'
import type { VocObject } from './objects.ts'

/** The classes of Pascal VOC by pixel value (VOC 2012 development kit), for masks without a labelmap. */
const vocClasses = [
  'aeroplane', 'bicycle', 'bird', 'boat', 'bottle', 'bus', 'car', 'cat', 'chair', 'cow', 'diningtable', 'dog', 'horse',
  'motorbike', 'person', 'pottedplant', 'sheep', 'sofa', 'train', 'tvmonitor',
] // prettier-ignore
export const standardNames: Record<number, string> = Object.fromEntries(vocClasses.map((name, i) => [i + 1, name]))

/** Border and hard-to-tell pixels. */
const voidValue = 255

/**
 * How to read an image's segmentation: instances where they are given, else classes. An instance's class is that of the object
 * fovea or VOC numbers it by, or, without objects, the class most of its pixels have in the class mask.
 */
export async function draftMaskOf(
  masks: { class: WalkedFile | null; object: WalkedFile | null },
  objects: readonly VocObject[],
  names: Record<number, string>,
): Promise<DraftMask | null> {
  if (masks.object) {
    const numbered = objects.some(({ instance }) => instance !== null)
    const classes = numbered
      ? classesByNumber(objects)
      : objects.length > 0
        ? Object.fromEntries(objects.flatMap(({ class: name }, i) => (name === null ? [] : [[i + 1, name]])))
        : masks.class
          ? await classesByPixels(masks.object.path, masks.class.path, names)
          : {}
    // Polygons are told exactly in the annotation; their pixels are there for other tools.
    const drawn = objects.flatMap(({ instance, label }) => (instance !== null && label ? [instance] : []))
    if (Object.keys(classes).length > 0 || drawn.length > 0) {
      return { file: masks.object.path, values: 'index', ignore: [0, voidValue, ...drawn], classes, otherClass: null }
    }
  }
  if (!masks.class) return null
  return { file: masks.class.path, values: 'index', ignore: [0, voidValue], classes: names, otherClass: null }
}

function classesByNumber(objects: readonly VocObject[]): Record<number, string> {
  return Object.fromEntries(
    objects.flatMap(({ instance, class: name }) => (instance === null || name === null ? [] : [[instance, name]])),
  )
}

async function classesByPixels(
  objectFile: string,
  classFile: string,
  names: Record<number, string>,
): Promise<Record<number, string>> {
  const [object, kind] = await Promise.all(
    [objectFile, classFile].map(async (file) => decode(await readFile(file))),
  ).catch(() => [])
  if (!object || !kind || object.data.length !== kind.data.length) return {}
  const votes = new Map<number, Map<number, number>>()
  for (let i = 0; i < object.data.length; i++) {
    const instance = object.data[i]!
    const value = kind.data[i]!
    if (instance === 0 || instance === voidValue || value === 0 || value === voidValue) continue
    const counts = votes.get(instance) ?? new Map<number, number>()
    counts.set(value, (counts.get(value) ?? 0) + 1)
    votes.set(instance, counts)
  }
  return Object.fromEntries(
    [...votes].flatMap(([instance, counts]) => {
      const [value] = [...counts].sort((a, b) => b[1] - a[1])[0]!
      return names[value] === undefined ? [] : [[instance, names[value]]]
    }),
  )
}
