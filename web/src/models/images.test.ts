// @vitest-environment node
import { beforeAll, expect, test, vi } from 'vitest'
import type { Evaluation } from './version.ts'

// The module reaches the page's address through shell/view.ts.
let images: typeof import('./images.ts')
beforeAll(async () => {
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('addEventListener', () => {})
  images = await import('./images.ts')
})

const evaluation = {
  task: 'classification',
  labels: null,
  truth: 'truth',
  query: 'width > 5',
  fields: ['m_outcome', 'm_confidence'],
} as unknown as Evaluation

test('names the samples of a cell and of a class as queries do', () => {
  const { cellQuery, classQuery } = images
  expect(cellQuery(evaluation, 'a "b"', 'c')).toBe('m_outcome = "a \\"b\\" taken for c"')
  expect(cellQuery(evaluation, 'c', 'c')).toBe('m_outcome = "right" and class = "c"')
  expect(cellQuery({ ...evaluation, fields: [] }, 'c', 'c')).toBeNull()
  expect(classQuery(evaluation, 'c')).toBe('(width > 5) and class = "c"')
  expect(classQuery({ ...evaluation, query: '', truth: 'gold' }, 'c')).toBe('layer("gold").class = "c"')
})

test('names the boxes of a cell by what they came to', () => {
  const labels = { attribute: 'net_eval', layer: 'net', outcomes: [] }
  const boxes = { ...evaluation, task: 'detection', labels }
  const { cellQuery, noClass } = images
  expect(cellQuery(boxes, 'cat', 'cat')).toBe('labels[class = "cat" and net_eval = "tp"]')
  expect(cellQuery(boxes, 'cat', 'dog')).toBe(
    'labels[class = "cat" and net_eval = "confused" and net_eval_class = "dog"]',
  )
  expect(cellQuery({ ...boxes, truth: 'gold' }, 'cat', noClass)).toBe(
    'layer("gold").labels[class = "cat" and net_eval = "fn"]',
  )
  expect(cellQuery(boxes, noClass, 'dog')).toBe('layer("net").labels[class = "dog" and net_eval = "fp"]')
  expect(cellQuery({ ...boxes, labels: null }, 'cat', 'cat')).toBeNull()
})
