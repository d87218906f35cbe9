import { expect, test } from 'vitest'
import { planPasses, type Frame } from './renderer.ts'

const frame: Frame = {
  camera: { x: 0, y: 0, scale: 1 },
  size: { width: 100, height: 100 },
  ratio: 1,
  sizePx: 4,
  alpha: 0.4,
  share: 1,
  ink: [0, 0, 0],
  back: [1, 1, 1],
}
const order = { points: new Uint32Array(0), outside: 30, inside: 60, selected: 10 }

test('what is outside of the query lies below, what is selected on top, ringed', () => {
  const passes = planPasses(order, frame)
  expect(passes.map(({ first, count, ring }) => [first, count, ring])).toEqual([
    [0, 30, false],
    [30, 60, false],
    [90, 10, true],
  ])
  const [outside, inside, selected] = passes
  expect(outside!.alpha).toBeLessThan(inside!.alpha)
  expect(inside!.alpha).toBeLessThan(selected!.alpha)
  expect(selected!.sizePx).toBeGreaterThan(inside!.sizePx)
  expect(planPasses({ ...order, selected: 0 }, frame)[1]!.fade).toBe(0)
})

test('a quick frame draws a part of each, more opaque, and never a part of nothing', () => {
  const passes = planPasses({ ...order, outside: 0 }, { ...frame, share: 0.1 })
  expect(passes.map(({ first, count }) => [first, count])).toEqual([
    [0, 6],
    [60, 1],
  ])
  const whole = planPasses({ ...order, outside: 0 }, frame)
  expect(passes[0]!.alpha).toBeGreaterThan(whole[0]!.alpha)
})
