import { expect, it } from 'vitest'
import { divideThreads } from './open-in-thread.ts'

it('divides threads among as many lanes as weights leave room for', () => {
  expect(divideThreads(2, 9e6)).toEqual({ lanes: 2, threadsEach: 1 })
  expect(divideThreads(16, 3e8)).toEqual({ lanes: 3, threadsEach: 5 })
  expect(divideThreads(8, 4e9)).toEqual({ lanes: 1, threadsEach: 8 })
  expect(divideThreads(1, 0)).toEqual({ lanes: 1, threadsEach: 1 })
})
