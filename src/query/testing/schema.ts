import { builtInFields } from '#contract'
import type { QuerySchema } from '../schema.ts'

/** A small dataset's schema for the tests of this room. */
export const schema: QuerySchema = {
  tables: { samples: 'samples', labels: 'labels', tags: 'tags' },
  fields: [
    ...builtInFields
      .filter(({ name }) =>
        [
          'id',
          'path',
          'split',
          'note',
          'bytes',
          'phash',
          'width',
          'height',
          'grayscale',
          'brightness',
          'captured_at',
          'exif.iso',
        ].includes(name),
      )
      .map((field) => ({
        name: field.name,
        type: field.type,
        unit: 'unit' in field ? field.unit : null,
        fullText: field.name === 'path' || field.name === 'note',
      })),
    { name: 'odd "name', type: 'number', unit: null, fullText: false },
    { name: 'dent', type: 'integer', unit: null, fullText: false },
    { name: 'class', type: 'string', unit: null, fullText: false },
  ],
  classes: [
    { id: 1, name: 'crack', samples: 12 },
    { id: 2, name: 'blow hole', samples: 30 },
    { id: 3, name: 'dent', samples: 2 },
    { id: 4, name: 'car', samples: 0 },
  ],
  layers: [
    { id: 1, name: 'truth' },
    { id: 2, name: 'resnet-1' },
  ],
  tags: [
    { id: 1, name: 'blurry', samples: 7 },
    { id: 2, name: 'night shift', samples: 3 },
    { id: 3, name: 'reviewed', samples: 9 },
  ],
  slices: [
    { name: 'bright', query: 'brightness > 0.5 or tag:reviewed' },
    { name: 'top', query: 'split = train order by brightness desc limit 3' },
    { name: 'both', query: 'slice:bright -tag:blurry' },
    { name: 'loop a', query: 'slice:"loop b"' },
    { name: 'loop b', query: 'width > 3 and slice:"loop a"' },
    { name: 'stale', query: 'tag:gone' },
  ],
  attributes: [
    { name: 'occluded', type: 'boolean' },
    { name: 'age', type: 'number' },
    { name: 'colour', type: 'string' },
    { name: 'width', type: 'number' },
  ],
  defaultLayer: 'truth',
}
