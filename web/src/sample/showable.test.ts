import { expect, it } from 'vitest'
import { judgeFile } from './showable.ts'

const plain = { format: 'jpeg', width: 4000, height: 3000, depth: 8, frames: 1 }

it('shows what browsers show', () => {
  expect(judgeFile(plain)).toEqual({ whole: true, note: null })
  expect(judgeFile({ ...plain, format: null, depth: null, frames: null })).toEqual({ whole: true, note: null })
})

it('says what of a file is not shown', () => {
  expect(judgeFile({ ...plain, format: 'png', depth: 16 })).toEqual({
    whole: true,
    note: 'Shown with 8 of its 16 bits a channel.',
  })
  expect(judgeFile({ ...plain, format: 'gif', frames: 12 }).note).toBe('The first of 12 frames.')
})

it('lets the thumbnail stand for what browsers cannot draw', () => {
  expect(judgeFile({ ...plain, format: 'tiff' })).toMatchObject({
    whole: false,
    note: expect.stringContaining('TIFF') as string,
  })
  expect(judgeFile({ ...plain, width: 16_385, height: 10 }).whole).toBe(false)
  expect(judgeFile({ ...plain, width: 16_384, height: 10 }).whole).toBe(true)
  expect(judgeFile({ ...plain, width: 12_000, height: 12_000 }).note).toContain('12,000 × 12,000')
})
