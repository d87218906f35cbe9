import { expect, test } from 'vitest'
import { FoveaError } from '#base'
import { openConcepts } from './meaning.ts'

const concepts = await openConcepts()
const { classNames, explainText } = concepts
const indexOf = (name: string): number => classNames.indexOf(name)
const weightOf = (text: string, name: string): number => {
  expect(classNames).toContain(name)
  return explainText(text).classes.find((found) => found.name === name)?.weight ?? 0
}

function explainError(text: string): FoveaError {
  try {
    explainText(text)
  } catch (error) {
    if (error instanceof FoveaError) return error
    throw error
  }
  throw new Error(`${text} was understood`)
}

test('knows the thousand classes', () => {
  expect(classNames).toHaveLength(1000)
  expect(new Set(classNames).size).toBe(1000)
})

test.each([
  ['bird', 'American robin', 'fire truck'],
  ['fruit', 'strawberry', 'broccoli'],
  ['dog', 'Beagle', 'tabby cat'],
  ['vehicle', 'fire truck', 'Beagle'],
  ['deer', 'bison', 'sneaker'],
  ['kitchen', 'dining table', 'sandbar'],
  ['rain', 'umbrella', 'lion'],
  ['mouse', 'computer mouse', 'fire truck'],
  ['wedding', 'bridegroom', 'lawn mower'],
])('%s is rather %s than %s', (text, more, less) => {
  expect(weightOf(text, more)).toBeGreaterThan(4 * weightOf(text, less))
})

test('gives most weight to the kinds of a thing', () => {
  const dogs = explainText('dog').classes.filter(
    ({ index }) => index >= indexOf('Chihuahua') && index <= indexOf('African wild dog'),
  )
  expect(dogs.reduce((sum, { weight }) => sum + weight, 0)).toBeGreaterThan(0.9)
})

test.each(['bird', 'birds on a fire engine', 'cat or dog', 'red fruit', 'no dogs', 'sunset over the sea'])(
  'weights of "%s" sum to 1, heaviest first',
  (text) => {
    const weights = explainText(text).classes.map(({ weight }) => weight)
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
    expect(weights).toEqual(weights.toSorted((a, b) => b - a))
    expect(Math.min(...weights)).toBeGreaterThan(0)
  },
)

test.each([
  ['birds', 'bird'],
  ['Buses', 'bus'],
  ['strawberries', 'strawberry'],
  ['wolves', 'wolf'],
  ['mice', 'mouse'],
  ['fire engines', 'fire engine'],
  ['fire-engine', 'fire engine'],
  ["the dog's", 'dog'],
  ['a photo of a dog', 'dog'],
  ['  DOG! ', 'dog'],
])('"%s" means the same as "%s"', (one, other) => {
  expect(explainText(one).classes).toEqual(explainText(other).classes)
})

test('matches the longest phrase', () => {
  const { words, classes } = explainText('a fire engine at night')
  expect(words.map(({ text }) => text)).toContain('fire engine')
  expect(classes[0]?.name).toBe('fire truck')
})

test('says how each word was understood', () => {
  expect(explainText('dogs in the kitchen qwrtzx').words).toEqual([
    { text: 'dogs', by: 'wordnet' },
    { text: 'kitchen', by: 'embedding' },
    { text: 'qwrtzx', by: 'unknown' },
  ])
})

test('joins alternatives and turns what is unwanted round', () => {
  expect(explainText('cats or dogs and a tree').concepts.map(({ text }) => text)).toEqual(['cats or dogs', 'tree'])
  expect(explainText('street without cars').concepts.map(({ text, unwanted }) => [text, unwanted])).toEqual([
    ['street', false],
    ['cars', true],
  ])
  expect(weightOf('street without cars', 'sports car')).toBeLessThan(weightOf('street with cars', 'sports car'))
})

test('a text of unknown words names the nearest known ones', () => {
  const error = explainError('strawbery')
  expect(error.code).toBe('TEXT_UNKNOWN')
  expect(error.message).toContain('strawbery')
  expect(error.hint).toContain('strawberry')
  expect(error.details).toMatchObject({ words: [{ text: 'strawbery', by: 'unknown' }] })
})

test.each(['', '   ', 'the of', '!?', '狗', 'a photo of', 'x'.repeat(1000), 'qx '.repeat(300)])(
  'a text that says nothing is an error: %j',
  (text) => {
    expect(explainError(text).code).toBe('TEXT_UNKNOWN')
  },
)

test('refuses what is no search', () => {
  expect(explainError('dog '.repeat(300)).code).toBe('INPUT_INVALID')
})
