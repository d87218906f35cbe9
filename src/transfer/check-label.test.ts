import { describe, expect, it } from 'vitest'
import { encodeMask } from '#base'
import type { DraftLabel } from '#formats'
import { checkLabel } from './check-label.ts'

const box = (x: number, y: number, w: number, h: number): DraftLabel => ({
  kind: 'box',
  class: 'crack',
  unit: 'px',
  box: { x, y, w, h },
})

describe('a sound label', () => {
  it('keeps its pixels and gets its area', () => {
    expect(checkLabel(box(10, 20, 30, 40), 100, 100)).toEqual({
      label: {
        kind: 'box',
        class: 'crack',
        box: { x: 10, y: 20, w: 30, h: 40 },
        geometry: null,
        area: 1200,
        score: null,
        attributes: {},
        author: null,
      },
      fault: null,
    })
  })

  it('is scaled when stated in fractions', () => {
    const { label } = checkLabel({ ...box(0.1, 0.2, 0.5, 0.25), unit: 'fraction' }, 200, 100)
    expect(label?.box).toEqual({ x: 20, y: 20, w: 100, h: 25 })
  })

  it('may reach one pixel over the edge, as the rounding of other tools leaves it', () => {
    expect(checkLabel(box(60, 0, 40.9, 50), 100, 100).fault).toBeNull()
  })

  it('measures a polygon without its holes', () => {
    const square = [0, 0, 10, 0, 10, 10, 0, 10]
    const hole = [2, 2, 4, 2, 4, 4, 2, 4]
    const { label } = checkLabel(
      { kind: 'polygon', class: 'a', unit: 'px', geometry: { type: 'polygon', parts: [[square, hole]] } },
      20,
      20,
    )
    expect(label).toMatchObject({ area: 96, box: { x: 0, y: 0, w: 10, h: 10 } })
  })
})

describe('a faulty label', () => {
  it.each<[string, DraftLabel, string, RegExp]>([
    [
      'negative width',
      { ...box(1, 1, -3, 5), where: 'labels/a.txt:4' },
      'label-box',
      /^labels\/a.txt:4: Box width must be > 0 px, got -3\.$/,
    ],
    ['zero height', box(1, 1, 3, 0), 'label-box', /height must be > 0 px, got 0/],
    ['NaN', box(Number.NaN, 1, 3, 3), 'label-number', /not a finite number/],
    ['outside', box(200, 1, 3, 3), 'label-outside', /lies outside the image/],
    ['no class', { ...box(1, 1, 2, 2), class: ' ' }, 'label-class', /has no class/],
    ['score', { ...box(1, 1, 2, 2), score: 1.2 }, 'label-score', /between 0 and 1, got 1.2/],
    [
      'two points',
      { kind: 'polygon', class: 'a', unit: 'px', geometry: { type: 'polygon', parts: [[[0, 0, 1, 1]]] } },
      'label-polygon',
      /three points/,
    ],
    [
      'flat polygon',
      { kind: 'polygon', class: 'a', unit: 'px', geometry: { type: 'polygon', parts: [[[0, 0, 5, 5, 9, 9]]] } },
      'label-polygon',
      /no area/,
    ],
    [
      'small mask',
      { kind: 'mask', class: 'a', unit: 'px', geometry: encodeMask(new Uint8Array(4).fill(1), 2, 2) },
      'mask-size',
      /2 × 2 px, its image 100 × 100/,
    ],
    [
      'bad runs',
      { kind: 'mask', class: 'a', unit: 'px', geometry: { type: 'mask', size: [100, 100], counts: [5, 5] } },
      'mask-counts',
      /add up to 10000, got 10/,
    ],
    [
      'visibility',
      { kind: 'keypoints', class: 'a', unit: 'px', geometry: { type: 'keypoints', points: [[1, 1, 3]] } },
      'label-keypoints',
      /0, 1 or 2/,
    ],
  ])('%s is left out and named', (_name, draft, code, what) => {
    const { label, fault } = checkLabel(draft, 100, 100)
    expect(label).toBeNull()
    expect(fault).toMatchObject({ code, kept: false })
    expect(fault?.what).toMatch(what)
    expect(fault?.fix).not.toBe('')
  })

  it('that reaches over the edge is cut to the image, and said', () => {
    const { label, fault } = checkLabel(box(90, 90, 50, 5), 100, 100)
    expect(label).toMatchObject({ box: { x: 90, y: 90, w: 10, h: 5 }, area: 50 })
    expect(fault).toMatchObject({ code: 'label-beyond', kept: true })
  })
})
