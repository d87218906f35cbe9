import { describe, expect, test } from 'vitest'
import { FoveaError } from '#base'
import { chooseGate, parseGateFile } from './read-file.ts'

const read = (text: string) => parseGateFile('gates.yaml', text)
const faultOf = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    expect(error).toBeInstanceOf(FoveaError)
    expect((error as FoveaError).code).toBe('GATE_INVALID')
    return (error as FoveaError).message
  }
  throw new Error('Expected a refusal.')
}

describe('the gate file', () => {
  test('gives every bound with its defaults', () => {
    const file = read(`version: 1
gates:
  release:
    data: split = "test"
    metrics: { dice: { min: 0.7 } }
    champion: { metrics: { dice: { drop: 0.01 } } }
    latency: { p95Ms: 80 }
    robustness:
      - { corruption: jpeg, metrics: { dice: { drop: 0.1 } } }
`)
    expect(chooseGate('gates.yaml', file, undefined)).toMatchObject({
      name: 'release',
      gate: {
        layer: 'truth',
        champion: { alias: 'champion' },
        latency: { pictures: 20, threads: 1 },
        robustness: [{ severity: 2 }],
        slices: [],
      },
    })
  })

  test.each([
    ['version: 2\ngates: {}', 'gates.yaml:1:10: version: Expected version 1.'],
    [
      'version: 1\ngates:\n  a:\n    metrics: { dice: { min: 0.5, mim: 0.7 } }',
      'gates.yaml:4:39: gates.a.metrics.dice takes no "mim".',
    ],
    [
      'version: 1\ngates:\n  a:\n    metrics:\n      dice: {}',
      'gates.yaml:5:13: gates.a.metrics.dice: Expected min, max or both.',
    ],
    ['version: 1\ngates:\n  a: { data: [', 'gates.yaml:3:'],
    ['nothing', 'gates.yaml:1:1: the file:'],
  ])('is refused with the place of the fault: %j', (text, message) => {
    expect(faultOf(text)).toContain(message)
  })

  test('all faults are told at once, in the order of their lines', () => {
    const lines = faultOf('version: 3\ngates:\n  a:\n    size: { maxMb: -1 }\n    checks: 5\n').split('\n')
    expect(lines[0]).toBe('The gate file has 3 faults:')
    expect(lines.slice(1).map((line) => line.split(':')[1])).toEqual(['1', '4', '5'])
  })

  test('a gate must be named where there are several, and must exist', () => {
    const file = read('version: 1\ngates: { a: {}, b: {} }')
    expect(() => chooseGate('f', file, undefined)).toThrow('f holds 2 gates: a, b')
    expect(() => chooseGate('f', file, 'c')).toThrow('f has no gate "c"; it has a, b.')
    expect(chooseGate('f', file, 'b').name).toBe('b')
  })
})
