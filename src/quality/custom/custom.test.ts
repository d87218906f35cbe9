import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFixedClock, type FoveaError } from '#base'
import { openScratch, type Scratch } from '../testing.ts'
import type { CheckContext, CheckKind } from '../types.ts'
import { createCustomKind } from './kind.ts'

let scratch: Scratch
let kind: CheckKind
let folder: string
beforeAll(async () => {
  scratch = await openScratch(8)
  folder = join(scratch.folder, 'workspace')
  await mkdir(join(folder, 'checks'), { recursive: true })
  kind = createCustomKind({ catalog: scratch.catalog, folder })
})
afterAll(() => scratch.close())

const context = (more: Partial<CheckContext> = {}): CheckContext => ({
  dataset: scratch.dataset,
  scope: '',
  reference: undefined,
  signal: new AbortController().signal,
  clock: createFixedClock(),
  folder,
  owner: true,
  ...more,
})
let files = 0
async function write(code: string, name = `check-${++files}.ts`): Promise<string> {
  await writeFile(join(folder, 'checks', name), code)
  return `./checks/${name}`
}
const look = async (code: string, more: Partial<CheckContext> = {}, given: Record<string, unknown> = {}) =>
  kind.look(context(more), kind.parameters.parse({ file: await write(code), ...given }))
const verify = (file: string, more: Partial<CheckContext> = {}) =>
  kind.verify!(context(more), kind.parameters.parse({ file }))

it('a function asks for data within the scope and says what it found', async () => {
  const code = `
interface Row { sample: string; value: number }
export default async function check(data: { [name: string]: any }, options: { most: number }) {
  const widths: Row[] = await data.values('width')
  const wide = widths.filter((row) => row.value > options.most)
  const [first] = await data.samples('order by width' === '' ? '' : 'width > 0', { fields: ['width'], limit: 1 })
  const [labelled] = await data.labels(await data.ids('objects > 0'))
  return {
    pass: wide.length === 0,
    message: \`\${data.dataset}: \${await data.count('tag:blurry')} blurry, \${first.path}, \${labelled.layers[0].labels[0].class}\`,
    looked: await data.count(),
    value: wide.length,
    bound: '= 0',
    query: 'width > ' + options.most,
    findings: wide.map((row) => ({ sample: row.sample, what: 'is wide', score: row.value })),
  }
}`
  expect(await look(code, { scope: 'split = "train"' }, { options: { most: 105 } })).toMatchObject({
    message: 'd: 1 blurry, a/1.jpg, crack',
    looked: 6,
    found: 2,
    broken: true,
    unit: 'samples',
    query: 'width > 105',
    findings: [
      { sample: 's_7', path: 'a/6.jpg', what: 'is wide', score: 106 },
      { sample: 's_8', path: 'a/7.jpg', score: 107 },
    ],
  })
})

it('an object with a function will do, and node modules are at hand', async () => {
  const code = `import { basename } from 'node:path'
export default { check: () => ({ pass: true, looked: 1, message: basename('/a/b') }) }`
  expect(await look(code)).toMatchObject({ broken: false, message: 'b', findings: [], value: null })
})

it.each([
  ['throws', `export default () => { throw new Error('no luck') }`, 'no luck'],
  ['is no function', `export default 3`, 'export default a function'],
  ['answers nothing', `export default () => {}`, 'answered something else'],
  ['answers half', `export default () => ({ pass: true, message: 'x' })`, 'looked'],
  ['answers what cannot travel', `export default () => () => 3`, 'cannot leave its thread'],
  ['asks for what is not there', `export default (data) => data.count('wdith > 3')`, 'Expected a field'],
  ['ends its thread', `export default () => process.exit(0)`, 'without an answer'],
])('one that %s is an error', async (_, code, words) => {
  await expect(look(code)).rejects.toThrow(words)
})

it('one that never ends is stopped by its time limit, or by being cancelled', async () => {
  const endless = 'export default () => { for (;;); }'
  await expect(look(endless, {}, { timeout_s: 0.5 })).rejects.toThrow('longer than 0.5 s')
  const stop = new AbortController()
  const ended = look(endless, { signal: stop.signal })
  setTimeout(() => stop.abort(), 300)
  await expect(ended).rejects.toMatchObject({ code: 'CANCELLED' } satisfies Partial<FoveaError>)
})

it('nothing runs for another than the owner, from elsewhere, or that cannot be read', async () => {
  const file = await write('export default () => ({ pass: true, looked: 1, message: "" })')
  expect(await verify(file)).toEqual([])
  expect(await verify(file, { owner: false })).toMatchObject([
    { message: expect.stringContaining('only the owner') as string },
  ])
  await writeFile(join(scratch.folder, 'outside.ts'), 'export default 1')
  await symlink(join(scratch.folder, 'outside.ts'), join(folder, 'checks', 'link.ts'))
  for (const path of ['../outside.ts', './checks/link.ts'])
    expect(await verify(path)).toMatchObject([{ message: expect.stringContaining('Expected a file below') as string }])
  expect(await verify('./none.ts')).toMatchObject([{ message: expect.stringContaining('There is no file') as string }])
  expect(await verify('./none.py')).toMatchObject([{ message: expect.stringContaining('.ts') as string }])
  const broken = await write('export default (data: { => 3', 'broken.ts')
  expect(await verify(broken)).toMatchObject([{ message: expect.stringMatching(/broken\.ts:1:\d+: /) as string }])
  const fancy = await write('enum A { x }\nexport default () => A.x', 'enum.ts')
  expect(await verify(fancy)).toMatchObject([{ message: expect.stringContaining('enum') as string }])
})
