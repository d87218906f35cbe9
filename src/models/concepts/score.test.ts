import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openConcepts } from './meaning.ts'
import { scoreText } from './score.ts'

const { classNames, explainText } = await openConcepts()

const makeTop = (shares: Record<string, number>) => ({
  classes: Uint16Array.from(Object.keys(shares), (name) => classNames.indexOf(name)),
  probabilities: Float32Array.from(Object.values(shares)),
})
const beagle = makeTop({ Beagle: 0.9, 'Basset Hound': 0.1 })
const pier = makeTop({ pier: 1 })
const both = makeTop({ Beagle: 0.5, pier: 0.5 })

test('a concept scores the probability of its classes', () => {
  expect(scoreText(explainText('dog'), beagle)).toBeCloseTo(1, 2)
  expect(scoreText(explainText('dog'), both)).toBeCloseTo(0.5, 2)
  expect(scoreText(explainText('dog'), pier)).toBeLessThan(0.01)
})

test('a picture of two things comes before a picture of one', () => {
  const meaning = explainText('dog on a pier')
  expect(scoreText(meaning, both)).toBeGreaterThan(1.5 * scoreText(meaning, beagle))
  expect(scoreText(meaning, both)).toBeGreaterThan(1.5 * scoreText(meaning, pier))
})

test('either of two alternatives will do', () => {
  const meaning = explainText('dog or pier')
  for (const top of [beagle, pier, both]) expect(scoreText(meaning, top)).toBeGreaterThan(0.95)
})

test('what is unwanted takes away', () => {
  expect(scoreText(explainText('pier without dogs'), pier)).toBeGreaterThan(0.95)
  expect(scoreText(explainText('pier without dogs'), both)).toBeLessThan(0.3)
  expect(scoreText(explainText('no dogs'), pier)).toBeGreaterThan(0.95)
  expect(scoreText(explainText('no dogs'), beagle)).toBeLessThan(0.05)
})

test('stays between 0 and 1 for any picture', () => {
  const meanings = ['dog', 'bird or fruit', 'kitchen with a cat and no people', 'no vehicles'].map(explainText)
  const picture = fc.uniqueArray(fc.record({ index: fc.nat(999), part: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    selector: ({ index }) => index,
    maxLength: 16,
  })
  fc.assert(
    fc.property(picture, fc.constantFrom(...meanings), (found, meaning) => {
      const total = Math.max(
        1,
        found.reduce((sum, { part }) => sum + part, 0),
      )
      const score = scoreText(meaning, {
        classes: Uint16Array.from(found, ({ index }) => index),
        probabilities: Float32Array.from(found, ({ part }) => part / total),
      })
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(1)
    }),
  )
})
