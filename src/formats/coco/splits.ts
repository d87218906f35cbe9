import { isSplitName, partsOf, splitOfFolders } from '../layout.ts'

/** Names of tasks before the split, as in `instances_train2017.json`; after these any text is a split. */
const taskPrefix = /^(instances|person_keypoints|keypoints|captions|stuff|panoptic|image_info)[_-](.+)$/i
/** Words that say nothing about the task; beside these only the usual names are splits. */
const plainPrefix = /^(annotations?|labels?|coco|detections?|segmentations?|bbox|objects?)[_-](.+)$/i
const plainSuffix = /^(.+)[_-](annotations?|labels?|coco|instances)$/i

/**
 * Split that the name of an annotation file tells, as written: `annotations/instances_val2017.json` → `val2017`,
 * `train/_annotations.coco.json` → `train`, `test.json` → `test`. CVAT's `default` means none.
 */
export function splitOfFile(relative: string): string | undefined {
  const { folders, stem } = partsOf(relative)
  const name = stem.replace(/^_+/, '').replace(/[._-]coco$/i, '')
  const task = taskPrefix.exec(name)
  if (task) return task[2]!.toLowerCase() === 'default' ? undefined : task[2]!
  const rest = plainPrefix.exec(name)?.[2] ?? plainSuffix.exec(name)?.[1] ?? name
  return isUsualSplit(rest) ? rest : splitOfFolders(folders)
}

/** `train`, `val2017`, `test-dev2017`. */
function isUsualSplit(name: string): boolean {
  const word = /^([a-z]+)([-_]?dev)?[-_]?(\d{2,4})?$/i.exec(name)
  return word !== null && isSplitName(word[1]!)
}
