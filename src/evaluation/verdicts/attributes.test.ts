import { expect, it } from 'vitest'
import { verdictAttribute } from '#contract'
import { countVerdicts, fieldPrefix, verdictNames } from './attributes.ts'

it('names what it writes so that others know it for that', () => {
  for (const name of Object.values(verdictNames(fieldPrefix('net v2/b')))) {
    expect(name).toMatch(/^net_v2_b_eval/)
    expect(name).toMatch(verdictAttribute)
  }
  for (const name of ['eval', 'net_evaluated', 'net_eval_by', 'medieval']) expect(name).not.toMatch(verdictAttribute)
})

it('asks for missed labels where they are, and for the others among the predictions', () => {
  const counts = { tp: 1, fp: 2, fn: 3, confused: 0 }
  const { outcomes } = countVerdicts({ prefix: 'net', truth: 'gold "A"', layer: 'net' }, counts)
  expect(outcomes).toEqual([
    { outcome: 'tp', labels: 1, query: 'layer("net").labels[net_eval = "tp"]' },
    { outcome: 'confused', labels: 0, query: 'layer("net").labels[net_eval = "confused"]' },
    { outcome: 'fp', labels: 2, query: 'layer("net").labels[net_eval = "fp"]' },
    { outcome: 'fn', labels: 3, query: 'layer("gold \\"A\\"").labels[net_eval = "fn"]' },
  ])
})
