import { describe, expect, it } from 'vitest'
import type { LabelLayer, PlacedLabel } from '../labels/draw.ts'
import { findLabelAt } from './hit.ts'

const label = (id: string, change: Partial<PlacedLabel>): PlacedLabel => ({
  id,
  kind: 'box',
  class: 'crack',
  box: { x: 0, y: 0, w: 10, h: 10 },
  geometry: null,
  area: 100,
  score: null,
  attributes: {},
  author: null,
  ...change,
})
const all = { layers: null, minScore: 0 }
const find = (labels: PlacedLabel[], x: number, y: number, reach = 0, options = all): string | undefined =>
  findLabelAt([{ layer: 'truth', labels }], x, y, reach, options)?.label.id

describe('findLabelAt', () => {
  it('takes the smallest of those that hold the point', () => {
    const labels = [
      label('large', { box: { x: 0, y: 0, w: 100, h: 100 } }),
      label('small', { box: { x: 40, y: 40, w: 10, h: 10 } }),
    ]
    expect([find(labels, 45, 45), find(labels, 10, 10), find(labels, 101, 5), find(labels, 101, 5, 2)]).toEqual([
      'small',
      'large',
      undefined,
      'large',
    ])
  })

  it('leaves out what is not drawn', () => {
    const layers: LabelLayer[] = [
      { layer: 'truth', labels: [label('t', {})] },
      { layer: 'model', labels: [label('m', { score: 0.4, box: { x: 4, y: 4, w: 2, h: 2 } })] },
    ]
    const found = (options: Parameters<typeof findLabelAt>[4]): string | undefined =>
      findLabelAt(layers, 5, 5, 0, options)?.label.id
    expect([found(all), found({ layers: null, minScore: 0.5 }), found({ layers: ['truth'], minScore: 0 })]).toEqual([
      'm',
      't',
      't',
    ])
    expect(found({ layers: [], minScore: 0 })).toBeUndefined()
  })

  it('knows turned boxes', () => {
    const turned = label('r', { box: { x: 0, y: 40, w: 100, h: 20 }, attributes: { rotation: 90 } })
    expect([find([turned], 50, 5), find([turned], 5, 50)]).toEqual(['r', undefined])
  })

  it('knows holes of polygons, but reaches their edges', () => {
    const ring = label('p', {
      kind: 'polygon',
      box: { x: 0, y: 0, w: 100, h: 100 },
      geometry: {
        type: 'polygon',
        parts: [
          [
            [0, 0, 100, 0, 100, 100, 0, 100],
            [20, 20, 80, 20, 80, 80, 20, 80],
          ],
        ],
      },
    })
    expect([find([ring], 10, 50), find([ring], 50, 50), find([ring], 24, 50, 5)]).toEqual(['p', undefined, 'p'])
  })

  it('reaches lines and points', () => {
    const line = label('l', {
      kind: 'polyline',
      box: { x: 0, y: 0, w: 100, h: 100 },
      geometry: { type: 'polyline', paths: [[0, 0, 100, 100]] },
    })
    const points = label('k', {
      kind: 'keypoints',
      box: { x: 0, y: 0, w: 100, h: 100 },
      geometry: {
        type: 'keypoints',
        points: [
          [90, 10, 2],
          [10, 90, 0],
        ],
      },
    })
    expect([find([line], 52, 50, 3), find([line], 60, 50, 3)]).toEqual(['l', undefined])
    expect([find([points], 91, 11, 3), find([points], 10, 90, 3)]).toEqual(['k', undefined])
  })

  it('knows the pixels of masks', () => {
    const mask = label('m', {
      kind: 'mask',
      box: { x: 0, y: 0, w: 3, h: 2 },
      // Columns first: (0,1), (1,1), (2,0) are foreground.
      geometry: { type: 'mask', size: [2, 3], counts: [1, 1, 1, 2, 1] },
    })
    const hits = [0, 1].map((y) => [0, 1, 2].map((x) => (find([mask], x + 0.5, y + 0.5) === 'm' ? 1 : 0)))
    expect(hits).toEqual([
      [0, 0, 1],
      [1, 1, 0],
    ])
  })

  it('never finds labels of the whole picture', () => {
    expect(find([label('c', { kind: 'class', box: null })], 5, 5)).toBeUndefined()
  })
})
