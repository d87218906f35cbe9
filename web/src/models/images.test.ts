import { expect, test } from 'vitest'
import { cellQuery, classQuery } from './images.ts'
import type { Evaluation } from './version.ts'

const evaluation = {
  truth: 'truth',
  query: 'width > 5',
  fields: ['m_outcome', 'm_confidence'],
} as unknown as Evaluation

test('names the samples of a cell and of a class as queries do', () => {
  expect(cellQuery(evaluation, 'a "b"', 'c')).toBe('m_outcome = "a \\"b\\" taken for c"')
  expect(cellQuery(evaluation, 'c', 'c')).toBe('m_outcome = "right" and class = "c"')
  expect(cellQuery({ ...evaluation, fields: [] }, 'c', 'c')).toBeNull()
  expect(classQuery(evaluation, 'c')).toBe('(width > 5) and class = "c"')
  expect(classQuery({ ...evaluation, query: '', truth: 'gold' }, 'c')).toBe('layer("gold").class = "c"')
})
