import { expect, test } from 'vitest'
import { listSpecs } from '#app'
import { helpText, isHelpCall, roomNames, shortCommands, verbPositionals } from './help.ts'
import { describeFlags } from './options.ts'

const specs = listSpecs()

test('the rooms of the help are those of the registry', () => {
  expect(new Set(roomNames)).toEqual(new Set([...specs.keys()].map((id) => id.split('.')[0])))
})

test('short commands and verbs name operations and inputs that exist', () => {
  const named = [
    ...shortCommands.flatMap(({ operation, positionals = [] }) =>
      operation === undefined ? [] : [[operation, positionals] as const],
    ),
    ...Object.entries(verbPositionals),
  ]
  for (const [operation, positionals] of named) {
    const spec = specs.get(operation)
    expect([operation, spec?.id]).toEqual([operation, operation])
    const inputs = new Map(describeFlags(spec!).map((flag) => [flag.key, flag.kind]))
    for (const positional of positionals) {
      const key = positional.replace('…', '')
      expect([...inputs.keys()]).toContain(key)
      expect([operation, key, inputs.get(key) === 'list']).toEqual([operation, key, positional.endsWith('…')])
    }
  }
})

test('the help shows every short command, within 100 columns', () => {
  const text = helpText()
  for (const { name, summary } of shortCommands) expect(text).toMatch(new RegExp(`^  ${name} .*\\n?.*${summary}$`, 'm'))
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  expect(isHelpCall([])).toBe(true)
  expect(isHelpCall(['import', '--help'])).toBe(false)
})
