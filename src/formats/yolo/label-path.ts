import { stemOf } from '../layout.ts'

/**
 * Where the label file of an image may lie: with the last folder `images` turned into `labels` (ultralytics' rule), else
 * beside the image. Paths with forward slashes, absolute or relative.
 */
export function labelPlaces(image: string): string[] {
  const text = `${stemOf(image)}.txt`
  const parts = text.split('/')
  const at = parts.slice(0, -1).lastIndexOf('images')
  return at === -1 ? [text] : [parts.with(at, 'labels').join('/'), text]
}
