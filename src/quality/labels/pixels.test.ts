import { describe, expect, it } from 'vitest'
import golden from './golden.json' with { type: 'json' }
import { givenProbabilities, scorePixels } from './pixels.ts'

describe('masks', () => {
  it('score as in cleanlab', () => {
    golden.masks.scores.forEach((one, i) => expect(scorePixels(golden.masks.pixels[i]!).quality).toBeCloseTo(one, 5))
  })

  it('count pixels that are more likely of another class', () => {
    expect(scorePixels([0.9, 0.4, 0.6, 0.1])).toMatchObject({ doubted: 0.5 })
    expect(scorePixels([1, 1]).quality).toBeCloseTo(1, 9)
  })

  it('have the score of their class where the model sees it, and background what is left', () => {
    const found = givenProbabilities(
      [
        { class: 'crack', covered: Uint8Array.from([1, 1, 0, 0, 0]) },
        { class: 'dent', covered: Uint8Array.from([0, 0, 0, 1, 0]) },
      ],
      [
        { class: 'crack', covered: Uint8Array.from([1, 0, 1, 0, 0]), score: 0.8 },
        { class: 'crack', covered: Uint8Array.from([1, 0, 0, 0, 0]), score: 0.5 },
        { class: 'dent', covered: Uint8Array.from([1, 0, 0, 0, 0]), score: 0.8 },
      ],
      5,
    )
    // Of two classes that sum to 1.6, each has half.
    expect(Array.from(found, (one) => Number(one.toFixed(3)))).toEqual([0.5, 0, 0.2, 0, 1])
  })
})
