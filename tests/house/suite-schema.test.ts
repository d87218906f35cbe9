import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

it('docs/fovea.checks.schema.json is what the kinds of checks say', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/suite-schema.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

it('every check of it has a short and a long form, and refers to what is there', () => {
  const text = readFileSync(resolve(root, 'docs/fovea.checks.schema.json'), 'utf8')
  const schema = JSON.parse(text) as { $defs: Record<string, unknown> }
  const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map((match) => match[1]!)
  for (const path of references) {
    let at: unknown = schema
    for (const part of path.split('/')) at = (at as Record<string, unknown> | undefined)?.[part]
    expect(at, path).toBeDefined()
  }
  expect(Object.keys(schema.$defs).length).toBeGreaterThan(20)
})
