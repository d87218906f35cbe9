// @vitest-environment node
import fc from 'fast-check'
import { beforeAll, expect, test, vi } from 'vitest'

type Module = typeof import('./view.ts')
let view: Module
beforeAll(async () => {
  vi.stubGlobal('location', { search: '' })
  vi.stubGlobal('addEventListener', () => {})
  view = await import('./view.ts')
})

test('a view comes back from its address', () => {
  fc.assert(
    fc.property(
      fc.record({
        dataset: fc.option(fc.string({ minLength: 1 }), { nil: null }),
        query: fc.string(),
        tab: fc.constantFrom('grid', 'map', 'stats', 'card', 'checks', 'runs', 'models', 'endpoints'),
        zoom: fc.integer({ min: 24, max: 1024 }),
        layout: fc.constantFrom('justified', 'square'),
        tiles: fc.constantFrom('samples', 'objects'),
        group: fc.option(fc.string({ minLength: 1 }), { nil: null }),
        colour: fc.string({ minLength: 1 }),
        space: fc.option(fc.string({ minLength: 1 }), { nil: null }),
        layers: fc.option(fc.array(fc.stringMatching(/^[a-z-]{1,8}$/)), { nil: null }),
        overlays: fc.boolean(),
        sample: fc.option(fc.nat(1e8), { nil: null }),
        report: fc.option(fc.stringMatching(/^r_\d{1,12}$/), { nil: null }),
        runs: fc.option(fc.array(fc.stringMatching(/^[a-z0-9_]{1,8}$/)), { nil: null }),
        model: fc.option(fc.string({ minLength: 1 }), { nil: null }),
        endpoint: fc.option(fc.string({ minLength: 1 }), { nil: null }),
      }),
      (drawn) => {
        const address = view.formatView(drawn)
        expect(view.parseView(address.replace(/^\/\??/, ''))).toEqual(drawn)
      },
    ),
  )
})

test('an address that was tampered with falls back to what is usual', () => {
  expect(view.parseView('?tab=evil&zoom=1e9&sample=s_x&report=9&layout=&tiles=9')).toEqual({
    ...view.defaults,
    zoom: 1024,
  })
})

test.each([
  ['', 'a = 1', 'a = 1'],
  ['b > 2', 'a = 1', 'b > 2 and a = 1'],
  ['b > 2 or c', 'a = 1', '(b > 2 or c) and a = 1'],
  ['order by width desc limit 5', 'a = 1', 'a = 1 order by width desc limit 5'],
  ['b > 2 order by width', 'a = 1', 'b > 2 and a = 1 order by width'],
])('to %j is added %s', (query, condition, expected) => {
  expect(view.addCondition(query, condition)).toBe(expected)
})
