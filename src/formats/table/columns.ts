/** How four columns make a box. */
type BoxForm = 'corners' | 'size'

export interface BoxColumns {
  form: BoxForm
  /** Left, top, right, bottom or left, top, width, height. */
  names: readonly [string, string, string, string]
}

/** What the columns of a foreign table stand for, by their names as written; null where there is none. */
export interface ColumnRoles {
  path: string
  split: string | null
  /** One class, or a list of them. */
  class: string | null
  tags: string | null
  score: string | null
  box: BoxColumns | null
  /** One box in a column: `[x, y, w, h]`. */
  bbox: string | null
  /** Many boxes in a column, as Hugging Face detection sets have them: `bbox` and `category` lists. */
  objects: string | null
  /** Everything else. */
  others: string[]
}

const pathNames = [
  'path',
  'filepath',
  'filename',
  'imagepath',
  'imagefile',
  'imagefilename',
  'imagename',
  'image',
  'img',
  'file',
]
const splitNames = ['split', 'subset', 'partition']
const classNames = [
  'class',
  'classname',
  'label',
  'labelname',
  'category',
  'categoryname',
  'labels',
  'classes',
  'categories',
]
const boxForms: readonly BoxColumns[] = [
  { form: 'corners', names: ['xmin', 'ymin', 'xmax', 'ymax'] },
  { form: 'corners', names: ['x1', 'y1', 'x2', 'y2'] },
  { form: 'corners', names: ['left', 'top', 'right', 'bottom'] },
  { form: 'size', names: ['x', 'y', 'w', 'h'] },
  { form: 'size', names: ['x', 'y', 'width', 'height'] },
  { form: 'size', names: ['xmin', 'ymin', 'width', 'height'] },
  { form: 'size', names: ['left', 'top', 'width', 'height'] },
  { form: 'size', names: ['bboxx', 'bboxy', 'bboxw', 'bboxh'] },
]
/** The size of the image, which is measured from the file itself. */
const sizeNames = ['width', 'height', 'imagewidth', 'imageheight', 'imgwidth', 'imgheight']

/** Reads roles from column names, upper case, blanks, `_` and `-` aside. Null when no column names an image. */
export function findRoles(columns: readonly string[], pathColumns: readonly string[] = pathNames): ColumnRoles | null {
  const byKey = new Map<string, string>()
  for (const column of columns) {
    const key = keyOf(column)
    if (!byKey.has(key)) byKey.set(key, column)
  }
  const first = (names: readonly string[]): string | null => {
    for (const name of names) if (byKey.has(name)) return byKey.get(name)!
    return null
  }
  const path = first(pathColumns)
  if (path === null) return null
  const form = boxForms.find(({ names }) => names.every((name) => byKey.has(name)))
  const box = form
    ? { form: form.form, names: form.names.map((name) => byKey.get(name)!) as unknown as BoxColumns['names'] }
    : null
  const roles = {
    path,
    split: first(splitNames),
    class: first(classNames),
    tags: first(['tags']),
    score: first(['score', 'confidence']),
    box,
    bbox: box ? null : first(['bbox', 'box']),
    objects: first(['objects']),
  }
  const used = new Set<string | null>([
    path,
    roles.split,
    roles.class,
    roles.tags,
    roles.bbox,
    roles.objects,
    ...(box?.names ?? []),
  ])
  if (box || roles.bbox) used.add(roles.score)
  else roles.score = null
  const others = columns.filter((column) => !used.has(column) && !sizeNames.includes(keyOf(column)))
  return { ...roles, others }
}

function keyOf(column: string): string {
  return column.toLowerCase().replace(/[\s_-]/g, '')
}
