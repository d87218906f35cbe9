import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FoveaError } from '#base'
import { parseReference } from './references.ts'

const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/)
const alias = fc.stringMatching(/^[a-z][a-z0-9._-]{0,63}$/)

describe('a reference', () => {
  it('is a name, a name with an alias, or a name with a version', () => {
    fc.assert(
      fc.property(name, alias, fc.integer({ min: 1, max: 999_999_999 }), (model, at, version) => {
        expect(parseReference(model)).toEqual({ model })
        expect(parseReference(`${model}@${at}`)).toEqual({ model, alias: at })
        expect(parseReference(`${model}:${version}`)).toEqual({ model, version })
      }),
    )
  })

  it('of any other form is refused, never half understood', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        try {
          const { model, version, alias: at } = parseReference(text)
          const again = version === undefined ? (at === undefined ? model : `${model}@${at}`) : `${model}:${version}`
          expect(again).toBe(text)
        } catch (error) {
          expect((error as FoveaError).code).toBe('MODEL_NOT_FOUND')
        }
      }),
    )
  })

  it.each(['a:0', 'a:01', 'a:-1', 'a:1.5', 'a@', 'a@b@c', 'a:1@b', '../a', 'a/b', ' a', 'a\n', 'A', ''])(
    '%j is refused',
    (text) => {
      expect(() => parseReference(text)).toThrow(/NAME@ALIAS/)
    },
  )
})
