import { describe, expect, test } from 'vitest'
import type { Label } from '#contract'
import { createRng, encodeMask } from '#base'
import { createAnomalyJudge } from './anomalies.ts'
import { createBoxJudge } from './boxes.ts'

const label = (own: Partial<Label>): Label => ({
  kind: 'class',
  class: 'crack',
  box: null,
  geometry: null,
  area: null,
  score: null,
  attributes: {},
  author: null,
  ...own,
})

describe('boxes', () => {
  const rng = createRng(3)
  const judge = createBoxJudge(['a', 'b'], 0.5)
  const draw = () => ({ x: rng.uniform(0, 80), y: rng.uniform(0, 80), w: rng.uniform(10, 20), h: rng.uniform(10, 20) })
  for (let id = 1; id <= 30; id++) {
    const boxes = Array.from({ length: rng.integer(0, 4) }, () => ({ ...draw(), class: rng.pick(['a', 'b']) }))
    const labels = boxes.map(({ class: name, ...box }, i) =>
      label({ kind: 'box', class: name, box, area: box.w * box.h, attributes: i === 3 ? { crowd: true } : {} }),
    )
    const said = [
      ...boxes.map((box) => ({ ...box, x: box.x + rng.normal(0, 2) })),
      ...Array.from({ length: rng.integer(0, 2) }, () => ({ ...draw(), class: rng.pick(['a', 'b']) })),
    ].map((box) => ({ ...box, score: rng.next() }))
    judge.add({ id, widthPx: 100, heightPx: 100, labels, values: {} }, { widthPx: 100, heightPx: 100, boxes: said })
  }
  const judged = judge.finish()
  const ones = new Float64Array(30).fill(1)

  test('weighed by one, the average precision is that of COCO', () => {
    expect(judged.extra['ap50']).toBeGreaterThan(0.2)
    expect(judged.measure(ones)['ap50']).toBeCloseTo(judged.extra['ap50']!, 10)
  })

  test('weighing all alike changes nothing', () => {
    const [once, thrice] = [judged.measure(ones), judged.measure(ones.map(() => 3))]
    for (const [name, value] of Object.entries(once)) expect(thrice[name]).toBeCloseTo(value!, 10)
  })
})

describe('anomalies', () => {
  const size = { widthPx: 40, heightPx: 20 }
  const pixels = Uint8Array.from({ length: 800 }, (_, i) => (i % 40 < 10 ? 1 : 0))
  const faulty = [label({ kind: 'mask', geometry: encodeMask(pixels, 40, 20) })]
  const map = { widthPx: 40, heightPx: 20, data: Float32Array.from(pixels) }
  const flat = { widthPx: 4, heightPx: 2, data: new Float32Array(8) }

  test('maps are held against masks', () => {
    const judge = createAnomalyJudge(0.5, ['good'], 2)
    judge.add({ id: 1, ...size, labels: faulty, values: {} }, { ...size, anomaly: { score: 1, threshold: 0.5, map } })
    judge.add(
      { id: 2, ...size, labels: [label({ class: 'Good' })], values: {} },
      { ...size, anomaly: { score: 0, threshold: 0.5, map: flat } },
    )
    const { extra, outcomes, measure } = judge.finish()
    expect(extra['pixelAuroc']).toBe(1)
    expect(extra['regionOverlap']).toBeCloseTo(1, 10)
    expect(outcomes).toEqual(['right', 'right'])
    expect(measure(Float64Array.of(1, 1))).toMatchObject({ auroc: 1, f1: 1 })
  })

  test('a faulty picture that does not say where counts as a picture only', () => {
    const judge = createAnomalyJudge(0.5, ['good'], 1)
    const labels = [label({ class: 'crack' })]
    judge.add({ id: 1, ...size, labels, values: {} }, { ...size, anomaly: { score: 0.2, threshold: 0.5, map } })
    const { extra, outcomes } = judge.finish()
    expect(extra).toEqual({})
    expect(outcomes).toEqual(['missed'])
  })
})
