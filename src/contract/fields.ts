/** Types a field can have. `datetime` is UTC, ISO 8601 at every edge. */
export const fieldTypes = ['number', 'integer', 'string', 'boolean', 'datetime'] as const
export type FieldType = (typeof fieldTypes)[number]

export interface FieldSpec {
  name: string
  type: FieldType
  /** Unit or range, for people. */
  unit?: string
  summary: string
  /** Whether `fovea set` may change it. Measured facts may not be changed by hand. */
  writable?: boolean
}

/**
 * Fields every dataset has from the start. Each is a real column of the dataset's samples table, by this very name.
 * `id` is an integer inside and `s_<n>` at every edge.
 */
export const builtInFields = [
  { name: 'id', type: 'integer', summary: 'Stable for the life of the sample' },
  { name: 'path', type: 'string', summary: 'Path below the imported folder, with forward slashes' },
  { name: 'source', type: 'string', summary: 'Absolute path of the referenced file' },
  { name: 'split', type: 'string', summary: 'train, val, test or any name', writable: true },
  { name: 'note', type: 'string', summary: 'Free text', writable: true },
  { name: 'format', type: 'string', summary: 'jpeg, png, webp, tiff, gif, bmp, avif' },
  { name: 'bytes', type: 'integer', unit: 'bytes', summary: 'Size of the file' },
  { name: 'md5', type: 'string', summary: 'MD5 of the bytes, 32 hex digits' },
  { name: 'sha256', type: 'string', summary: 'SHA-256 of the bytes, 64 hex digits' },
  { name: 'phash', type: 'string', summary: 'Perceptual hash of the picture (8×8 DCT), 16 hex digits' },
  { name: 'width', type: 'integer', unit: 'px', summary: 'Width after EXIF orientation' },
  { name: 'height', type: 'integer', unit: 'px', summary: 'Height after EXIF orientation' },
  { name: 'aspect', type: 'number', unit: 'ratio', summary: 'width / height' },
  { name: 'channels', type: 'integer', summary: 'Channels in the file, alpha included' },
  { name: 'depth', type: 'integer', unit: 'bits', summary: 'Bits a channel' },
  { name: 'mode', type: 'string', summary: 'gray, rgb, cmyk or other, without alpha' },
  { name: 'frames', type: 'integer', summary: 'Frames or pages in the file; the first is the sample' },
  { name: 'grayscale', type: 'boolean', summary: 'No pixel has colour' },
  { name: 'brightness', type: 'number', unit: '0..1', summary: 'Mean of perceived brightness √(.241R²+.691G²+.068B²)' },
  { name: 'brightness_p1', type: 'number', unit: '0..1', summary: '1st percentile of perceived brightness' },
  { name: 'brightness_p5', type: 'number', unit: '0..1', summary: '5th percentile of perceived brightness' },
  { name: 'brightness_p50', type: 'number', unit: '0..1', summary: 'Median of perceived brightness' },
  { name: 'brightness_p95', type: 'number', unit: '0..1', summary: '95th percentile of perceived brightness' },
  { name: 'brightness_p99', type: 'number', unit: '0..1', summary: '99th percentile of perceived brightness' },
  { name: 'contrast', type: 'number', unit: '0..1', summary: 'RMS contrast: standard deviation of grey' },
  { name: 'sharpness', type: 'number', unit: '0..1', summary: '1−e^(−.01·σ) of the edge response at full size' },
  {
    name: 'blur_score',
    type: 'number',
    unit: '0..2',
    summary: 'Blurriness score of cleanvision; below 0.29 is blurry',
  },
  { name: 'entropy', type: 'number', unit: 'bits, 0..8', summary: 'Shannon entropy of the grey histogram' },
  { name: 'saturation', type: 'number', unit: '0..1', summary: 'Mean HSV saturation' },
  { name: 'red', type: 'number', unit: '0..1', summary: 'Mean of the red channel' },
  { name: 'green', type: 'number', unit: '0..1', summary: 'Mean of the green channel' },
  { name: 'blue', type: 'number', unit: '0..1', summary: 'Mean of the blue channel' },
  {
    name: 'captured_at',
    type: 'datetime',
    summary: 'When the picture was taken (EXIF, with its offset when known, else as UTC)',
  },
  { name: 'exif.make', type: 'string', summary: 'Maker of the camera' },
  { name: 'exif.model', type: 'string', summary: 'Model of the camera' },
  { name: 'exif.aperture', type: 'number', unit: 'f-number', summary: 'Aperture' },
  { name: 'exif.iso', type: 'integer', summary: 'Sensitivity' },
  { name: 'exif.shutter', type: 'number', unit: 's', summary: 'Exposure time' },
  { name: 'exif.focal_length', type: 'number', unit: 'mm', summary: 'Focal length' },
  {
    name: 'exif.orientation',
    type: 'integer',
    unit: '1..8',
    summary: 'Orientation tag of the file; width and height already apply it',
  },
  { name: 'exif.latitude', type: 'number', unit: 'degrees', summary: 'GPS latitude, north positive' },
  { name: 'exif.longitude', type: 'number', unit: 'degrees', summary: 'GPS longitude, east positive' },
  { name: 'exif.altitude', type: 'number', unit: 'm', summary: 'GPS altitude' },
  { name: 'created_at', type: 'datetime', summary: 'When the sample entered the dataset' },
  { name: 'updated_at', type: 'datetime', summary: 'When the sample or one of its labels last changed' },
] as const satisfies readonly FieldSpec[]

export type BuiltInField = (typeof builtInFields)[number]['name']

/** What one decode of an image file yields: every measured built-in field. Absent EXIF values are null. */
export type MediaFacts = {
  [N in Exclude<BuiltInField, 'id' | 'path' | 'source' | 'split' | 'note' | 'created_at' | 'updated_at'>]: FieldValue<N>
}
type SpecOf<N extends BuiltInField> = Extract<(typeof builtInFields)[number], { name: N }>
type ValueOf<T extends FieldType> = T extends 'number' | 'integer' ? number : T extends 'boolean' ? boolean : string
type Nullable = 'captured_at' | `exif.${string}`
type FieldValue<N extends BuiltInField> = N extends Nullable
  ? ValueOf<SpecOf<N>['type']> | null
  : ValueOf<SpecOf<N>['type']>

export type Scalar = string | number | boolean | null
