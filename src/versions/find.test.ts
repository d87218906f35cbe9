import { describe, expect, it } from 'vitest'
import { versionTag } from '#contract'
import type { FoveaError } from '#base'
import { findVersion } from './find.ts'
import { canonicalJson } from './record.ts'
import type { VersionRefs } from './store.ts'

const base = { id: 1, name: 'tiles' }
const ids = ['abcdef01', 'abcdef02', '0123456789'].map((start) => start.padEnd(64, '7'))
const refs: VersionRefs = {
  format: 1,
  versions: ids,
  tags: { accepted: { id: ids[1]!, at: '', actor: '' }, constructor: { id: ids[0]!, at: '', actor: '' } },
}
const find = (ref: string): string => findVersion(base, refs, ref)
const refusal = (ref: string, known = refs): { code: string; hint: string | undefined } => {
  try {
    return { code: findVersion(base, known, ref), hint: undefined }
  } catch (error) {
    const { code, hint } = error as FoveaError
    return { code, hint }
  }
}

describe('a reference', () => {
  it('is a number, a tag, latest, or the beginning of an id', () => {
    expect(['v1', 'V2', 'accepted', 'latest', 'abcdef02', '012345', 'ABCDEF01', ids[2]!].map(find)).toEqual(
      [0, 1, 1, 2, 1, 2, 0, 2].map((at) => ids[at]),
    )
    expect(find('constructor')).toBe(ids[0])
  })

  it('that means nothing is refused with the nearest name', () => {
    expect(refusal('v4')).toEqual({
      code: 'VERSION_NOT_FOUND',
      hint: expect.stringMatching(/^Did you mean v\d\?$/) as string,
    })
    expect(refusal('acceptd')).toEqual({ code: 'VERSION_NOT_FOUND', hint: 'Did you mean accepted?' })
    for (const ref of ['v0', '01234', 'ffffff', 'toString', '', 'nothing like it'])
      expect(refusal(ref)).toMatchObject({ code: 'VERSION_NOT_FOUND' })
    expect(refusal('v1', { format: 1, versions: [], tags: {} }).hint).toContain('fovea commit')
  })

  it('that begins several ids is refused with more of them', () => {
    expect(refusal('abcdef')).toEqual({
      code: 'INPUT_INVALID',
      hint: expect.stringContaining('abcdef0277777777') as string,
    })
  })
})

it.each(['latest', 'Latest', 'v3', 'V12', 'abcdef', '0123456789abcdef', 'a@b', '-x', '', 'a b'])(
  'no tag is called %j',
  (name) => {
    expect(versionTag.safeParse(name).success).toBe(false)
  },
)

it.each(['accepted', 'v3-final', 'abcde', '2026.11', 'Ausgabe_1', 'geprüft'])('a tag may be called %j', (name) => {
  expect(versionTag.safeParse(name).success).toBe(true)
})

it('canonical JSON is one text for one value', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: 0.1 })).toBe(
    '{"A":0.1,"b":[1,{"c":"x","d":null}]}',
  )
  expect(canonicalJson({ A: 0.1, b: [1, { c: 'x', d: null }] })).toBe('{"A":0.1,"b":[1,{"c":"x","d":null}]}')
})
