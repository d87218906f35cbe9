// Writes docs/fovea.checks.schema.json, the JSON schema of suite files, from the kinds of checks that fovea has.
//   npm run schema                                writes the file
//   node scripts/suite-schema.mjs --check         leaves with 1 when the file is not what the kinds say
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const target = join(root, 'docs/fovea.checks.schema.json')
const tsx = import.meta.resolve('tsx')
const args = ['--conditions=fovea-source', '--import', tsx, join(root, 'src/cli/main.ts'), 'check', 'schema', '--json']
const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tmpdir(), encoding: 'utf8' })
if (status !== 0) throw new Error(stderr)
const text = `${JSON.stringify(JSON.parse(stdout).schema, null, 2)}\n`
if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('docs/fovea.checks.schema.json is not what the kinds of checks say. Run: npm run schema')
    process.exitCode = 1
  }
} else writeFileSync(target, text)
