import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { createCheckKinds } from '../checks/all.ts'
import { createExpectKind } from '../expect/kind.ts'
import { runSuite } from '../run/run.ts'
import { parseSuiteFile } from '../suites/parse.ts'
import { fakeKind, openScratch, saw, work, type Scratch } from '../testing.ts'
import type { CheckContext } from '../types.ts'
import { learnCheck, roundDown, roundUp, shareWithRoom } from './learn.ts'
import { profileDataset } from './profile.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await openScratch(40)
})
afterAll(() => scratch.close())

const clock = createFixedClock()
const context = (): CheckContext => ({
  dataset: scratch.dataset,
  scope: '',
  reference: undefined,
  signal: new AbortController().signal,
  clock,
})

describe('bounds', () => {
  it('leave room above what was seen, and no more than all', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (looked, part) => {
          const share = Math.round(part * looked) / looked
          const bound = shareWithRoom(share, looked)
          expect(bound).toBeGreaterThanOrEqual(share)
          expect(bound).toBeLessThanOrEqual(1)
          expect(String(bound).replace(/^0\.0*|e.*|\./g, '').length).toBeLessThanOrEqual(2)
        },
      ),
    )
  })

  it('are rounded away from the data', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (value) => {
        expect(roundUp(value)).toBeGreaterThanOrEqual(value * (1 - 1e-9))
        expect(roundDown(value)).toBeLessThanOrEqual(value * (1 + 1e-9))
        expect(roundUp(value) / roundDown(value)).toBeLessThan(1.12)
      }),
    )
  })

  it('move for what is taste, stay for what is a fault, and need something to be learned from', async () => {
    const broken = async () =>
      saw({ looked: 100, found: 10, value: 0.1, broken: true, message: 'Ten.', query: 'a > 1' })
    expect(await learnCheck(fakeKind('dark', broken), context())).toEqual({
      name: 'dark',
      parameters: { max_share: 0.17 },
      why: ['Seen: Ten.', "fovea query 'a > 1'", 'The bound is what was seen and some room.'],
    })
    expect(await learnCheck(fakeKind('exact-duplicates', broken), context())).toMatchObject({ parameters: {} })
    expect(await learnCheck(fakeKind('dark'), context())).toMatchObject({ parameters: {}, why: ['Seen: All is well.'] })
    expect(
      await learnCheck(
        fakeKind('dark', async () => saw({ looked: 0 })),
        context(),
      ),
    ).not.toHaveProperty('parameters')
  })
})

describe('a check that chooses how to measure', () => {
  it('is learned with what it chose, whether the bound moved or not, but for faults', async () => {
    const chose = { by: 'embedding', space: 'main', threshold: 0.95 }
    const well = fakeKind('dark', async () => saw({ chose }))
    expect(await learnCheck(well, context())).toEqual({
      name: 'dark',
      parameters: chose,
      why: ['Seen: All is well.', 'Measured by embedding, space main, threshold 0.95, and so from now on.'],
    })
    const broken = async () => saw({ looked: 100, found: 10, value: 0.1, broken: true, chose })
    expect(await learnCheck(fakeKind('dark', broken), context())).toMatchObject({
      parameters: { ...chose, max_share: 0.17 },
    })
    expect(await learnCheck(fakeKind('leaks', broken), context())).toMatchObject({ parameters: {} })
  })
})

it('a dataset keeps the suite that was learned from it', async () => {
  const kinds = [...createCheckKinds({ catalog: scratch.catalog.quality }), createExpectKind(scratch)]
  const file = join(scratch.folder, 'fovea.checks.yaml')
  const deps = { catalog: scratch.catalog, clock, kinds, schemaFile: join(scratch.folder, '.fovea', 'schema.json') }
  const request = { dataset: scratch.dataset, file, suite: 'default', overwrite: false }
  const written = await profileDataset(deps, request, work())
  expect(written.text).toBe(await readFile(file, 'utf8'))
  expect(written.text).toContain('# yaml-language-server: $schema=./.fovea/schema.json')
  await expect(profileDataset(deps, request, work())).rejects.toMatchObject({ code: 'TARGET_EXISTS' })
  const [suite] = parseSuiteFile({ file, text: written.text, kinds }).suites
  expect(suite!.checks).toHaveLength(written.checks)
  expect(suite!.checks.find((check) => check.id === 'schema')!.parameters).toMatchObject({
    classes: ['crack'],
    fields: { line: { type: 'string', required: true, one_of: ['north', 'south'] }, width: { min: 50, max: 278 } },
  })
  const report = await runSuite(deps, { dataset: scratch.dataset, file, suite: suite!, scope: '' }, work())
  const faults = ['exact-duplicates', 'spurious-correlation', 'leaks', 'label-duplicates', 'split-balance']
  const others = report.checks.filter(({ outcome, id }) => outcome !== 'pass' && !faults.includes(id))
  expect(others.map(({ id, outcome, message }) => [id, outcome, message])).toEqual([])
  await expect(
    profileDataset(
      deps,
      { ...request, dataset: await scratch.catalog.ensureDataset('none', 'test'), overwrite: true },
      work(),
    ),
  ).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  const other = join(scratch.folder, 'labels.yaml')
  await writeFile(other, 'names: [crack]\n')
  for (const target of [other, join(scratch.folder, 'photo.jpg')])
    await expect(profileDataset(deps, { ...request, file: target, overwrite: true }, work())).rejects.toMatchObject({
      code: target === other ? 'TARGET_EXISTS' : 'INPUT_INVALID',
    })
  await expect(profileDataset(deps, { ...request, overwrite: true }, work())).resolves.toMatchObject({ file })
})
