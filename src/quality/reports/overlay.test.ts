import { describe, expect, test } from 'vitest'
import type { Geometry } from '#contract'
import { drawOverlay } from './overlay.ts'
import { makeLabels } from './testing.ts'
import type { SampleLabels } from './types.ts'

function withGeometry(geometry: Geometry | null, change = {}): SampleLabels {
  const sample = makeLabels('s_1')
  const [layer] = sample.layers
  return { ...sample, layers: [{ ...layer!, labels: [{ ...layer!.labels[0]!, geometry, ...change }] }] }
}
const draw = (sample: SampleLabels, stressed: string | null = null): string =>
  drawOverlay(sample, stressed, () => '#0072b2', 12).markup
const pathOf = (sample: SampleLabels): string => /class="line" d="([^"]*)"/.exec(draw(sample))?.[1] ?? ''

describe('labels over pictures', () => {
  test.each<[string, Geometry | null, string]>([
    ['a box', null, 'M10 20h30v40h-30z'],
    [
      'a polygon with a hole',
      {
        type: 'polygon',
        parts: [
          [
            [0, 0, 90, 0, 90, 90],
            [10, 10, 50, 10, 50, 50],
          ],
        ],
      },
      'M0 0L90 0L90 90zM10 10L50 10L50 50z',
    ],
    ['a line', { type: 'polyline', paths: [[0, 0, 50, 60]] }, 'M0 0L50 60'],
    [
      'points, those not labelled left out',
      {
        type: 'keypoints',
        points: [
          [10, 10, 2],
          [20, 20, 0],
        ],
      },
      'M6.9 10h6.3M10 6.9v6.3',
    ],
    ['a mask', { type: 'mask', size: [2, 3], counts: [2, 3, 1] }, 'M1 0h1v2h-1zM2 0h1v1h-1z'],
  ])('%s', (_, geometry, path) => {
    expect(pathOf(withGeometry(geometry))).toBe(path)
  })

  test('a large mask is drawn no finer than it is shown', () => {
    const [rows, columns] = [3_000, 4_000]
    const stripes = Array.from({ length: (rows * columns) / 500 }, () => 500)
    const path = pathOf(withGeometry({ type: 'mask', size: [rows, columns], counts: stripes }))
    expect(path.length).toBeGreaterThan(1_000)
    expect(path.length).toBeLessThan(20_000)
  })

  test('a label whose drawing would fill the file is left out, the others stay', () => {
    const zigzag = Array.from({ length: 40_000 }, (_, i) => (i * 997) % 400)
    const sample = withGeometry({ type: 'polygon', parts: [[zigzag]] })
    const [layer] = sample.layers
    const box = makeLabels('s_1').layers[0]!.labels[0]!
    expect(pathOf({ ...sample, layers: [{ ...layer!, labels: [...layer!.labels, box] }] })).toBe('M10 20h30v40h-30z')
  })

  test('the label of a finding is strongest, on top and named; predictions are dashed; boxes turn', () => {
    const sample = makeLabels('s_1')
    const label = sample.layers[0]!.labels[0]!
    const drawn = draw(
      {
        ...sample,
        layers: [
          { layer: 'truth', labels: [label] },
          { layer: 'model', labels: [{ ...label, id: 'l_9', attributes: { rotation: 30 } }] },
        ],
      },
      'l_1',
    )
    expect(drawn.indexOf('line other')).toBeLessThan(drawn.indexOf('line stressed'))
    expect(drawn).toContain('transform="rotate(30 25 40)"')
    expect(drawn.match(/>scratch</g)).toHaveLength(1)
  })
})
