import { expect, it } from 'vitest'
import { isNeutral, listFilterSteps, neutral, type Adjustment } from './adjust.ts'

/** What an SVG filter makes of a colour, 0..1. */
function filterColour(change: Partial<Adjustment>, colour: [number, number, number]): number[] {
  let now: number[] = [...colour, 1]
  for (const step of listFilterSteps({ ...neutral, ...change })) {
    const clamp = (value: number): number => Math.min(1, Math.max(0, value))
    if (step.kind === 'matrix') {
      const old = [...now, 1]
      now = [0, 1, 2, 3].map((row) => clamp(old.reduce((sum, value, i) => sum + value * step.values[row * 5 + i]!, 0)))
    } else
      now = now.map((value, i) =>
        i === 3 ? value : clamp(step.kind === 'linear' ? value * step.slope + step.intercept : value ** step.exponent),
      )
  }
  return now.slice(0, 3).map((value) => Math.round(value * 1000) / 1000)
}

it('leaves the picture as it is until something is set', () => {
  expect(listFilterSteps(neutral)).toEqual([])
  expect([isNeutral(neutral), isNeutral({ ...neutral, invert: true })]).toEqual([true, false])
})

it('shows one channel as grey', () => {
  expect(filterColour({ channel: 'r' }, [0.2, 0.4, 0.6])).toEqual([0.2, 0.2, 0.2])
  expect(filterColour({ channel: 'b' }, [0.2, 0.4, 0.6])).toEqual([0.6, 0.6, 0.6])
})

it('inverts, brightens, stretches about the middle and lightens what is dark', () => {
  expect(filterColour({ invert: true }, [0, 0.25, 1])).toEqual([1, 0.75, 0])
  expect(filterColour({ brightness: 2 }, [0, 0.25, 0.75])).toEqual([0, 0.5, 1])
  expect(filterColour({ contrast: 2 }, [0.25, 0.5, 0.6])).toEqual([0, 0.5, 0.7])
  expect(filterColour({ gamma: 2 }, [0, 0.25, 1])).toEqual([0, 0.5, 1])
})
