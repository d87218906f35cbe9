import { describe, expect, it } from 'vitest'
import golden from './golden.json' with { type: 'json' }
import { scoreBoxes, softmin, type ImageBoxes } from './objectlab.ts'

const corners = ([x1, y1, x2, y2]: number[]): { x1: number; y1: number; x2: number; y2: number } => ({
  x1: x1!,
  y1: y1!,
  x2: x2!,
  y2: y2!,
})
const images: ImageBoxes[] = golden.boxes.images.map(({ labels, predictions }) => ({
  labels: labels.map((label) => ({ ...corners(label.box), class: String(label.class) })),
  predictions: predictions.map((found) => ({ ...corners(found.box), class: String(found.class), score: found.score })),
}))

describe('boxes like those of cleanlab', () => {
  const scored = scoreBoxes(images)

  it.each(['overlooked', 'misplaced', 'swapped'] as const)('scores what is %s, each and by image', (part) => {
    golden.boxes[part].forEach((own, i) => {
      expect(scored[i]![part].length).toBe(own.length)
      own.forEach((one, j) => {
        if (one === null) expect(scored[i]![part][j]).toBeNaN()
        else expect(scored[i]![part][j]).toBeCloseTo(one, 6)
      })
      expect(scored[i]!.image[part]).toBeCloseTo(golden.boxes.image[part][i]!, 6)
    })
  })

  it('scores the image as a whole', () => {
    golden.boxes.quality.forEach((one, i) => expect(scored[i]!.image.quality).toBeCloseTo(one, 6))
  })

  it('has cases of every sort', () => {
    expect(golden.boxes.overlooked.flat().filter((one) => one !== null).length).toBeGreaterThan(3)
    expect(golden.boxes.misplaced.flat().filter((one) => one < 0.7).length).toBeGreaterThan(3)
    expect(golden.boxes.swapped.flat().filter((one) => one < 0.5).length).toBeGreaterThan(3)
  })
})

describe('softmin', () => {
  it('lies between the lowest and the mean, nearer to the lowest the colder it is', () => {
    const scores = [0.2, 0.9, 0.7]
    expect(softmin(scores, 0.001)).toBeCloseTo(0.2, 6)
    expect(softmin(scores, 1e6)).toBeCloseTo(0.6, 4)
    expect(softmin([], 0.1)).toBe(1)
  })
})
