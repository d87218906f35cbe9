import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createCheckKinds } from './all.ts'
import { box, classLabel, openBench, times, type CheckBench } from './testing.ts'

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const names = createCheckKinds({ catalog: undefined as never }).map(({ name }) => name)

test('names are unique and written with hyphens, parameters with underscores', () => {
  expect(new Set(names).size).toBe(names.length)
  for (const kind of bench.kinds) {
    expect(kind.name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(kind.about.length, kind.name).toBeGreaterThan(40)
    const schema = z.toJSONSchema(kind.parameters, { io: 'input' }) as { properties: Record<string, object> }
    for (const [name, property] of Object.entries(schema.properties)) {
      expect(name, kind.name).toMatch(/^[a-z]+(_[a-z]+)*$/)
      expect(property, `${kind.name} ${name}`).toHaveProperty('description')
    }
    // Every parameter can be left out.
    expect(kind.parameters.safeParse({}).success, kind.name).toBe(true)
  }
})

describe.each(names)('%s', (name) => {
  test('has nothing to look at in an empty dataset, and is not broken by it', async () => {
    await bench.begin()
    expect(await bench.look(name, {}, { against: 'width > 1' })).toMatchObject({
      looked: 0,
      found: 0,
      broken: false,
      value: null,
      query: null,
      findings: [],
    })
  })

  test('copes with names that need quoting, and its query runs', async () => {
    await bench.begin()
    const odd = 'a "b" \\ `c` \u2028 ü'
    await bench.add(
      times(60, (n) => ({
        split: n % 2 ? odd : `${odd}'`,
        labels: n % 3 ? [box(`${odd}${n % 7}`, n), classLabel(odd)] : [],
        facts: {
          'exif.model': n % 4 ? odd : `${odd}!`,
          phash: (n % 20).toString(16).padStart(16, '0'),
          md5: (n % 30).toString(16).padStart(32, '0'),
          brightness: n % 4 ? n / 60 : n / 6000,
          brightness_p99: n / 60,
          brightness_p5: n / 60,
          'exif.orientation': 1 + (n % 8),
          captured_at: new Date(Date.UTC(2026, 0, 1) + n ** 5 * 1000).toISOString(),
        },
      })),
    )
    const seen = await bench.look(name, {}, { scope: 'width > 1', against: `split = ${JSON.stringify(odd)}` })
    expect(seen.looked).toBeGreaterThanOrEqual(0)
    expect(seen.findings.length).toBeLessThanOrEqual(24)
    if (seen.query !== null)
      expect((await bench.catalog.idsOf(bench.dataset, { query: seen.query })).length).toBeGreaterThan(0)
  })
})
