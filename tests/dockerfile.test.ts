import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ')
const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const manifest = JSON.parse(read('package.json')) as { bin: { fovea: string }; scripts: Record<string, string> }

it('copies only what is there and not left out', () => {
  const ignored = read('.dockerignore').split('\n')
  const sources = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
  expect(sources.length).toBeGreaterThan(5)
  for (const source of sources) {
    expect([source, existsSync(join(root, source))]).toEqual([source, true])
    expect(ignored).not.toContain(source)
  }
})

it('holds all that the build reads', () => {
  const copied = lines.filter((line) => line.startsWith('COPY ')).join(' ')
  for (const named of manifest.scripts['build']!.matchAll(/(?:node|-p) ([\w./-]+)/g))
    expect(copied).toContain(named[1]!.split('/')[0])
  expect(manifest.scripts['build']).toContain('vite build web')
})

it('builds and runs what package.json names, as nobody of power', () => {
  for (const script of dockerfile.matchAll(/npm run (\w+)/g)) expect(manifest.scripts).toHaveProperty(script[1]!)
  expect(dockerfile).toContain(`"/fovea/${manifest.bin.fovea.replace('./', '')}"`)
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
  expect(last.findIndex((line) => line === 'USER node')).toBeGreaterThan(0)
  expect(last.some((line) => line.startsWith('RUN') && /npm|apt|curl/.test(line))).toBe(false)
})

it('names no registry, token or secret', () => {
  expect(dockerfile).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)/)
  expect(dockerfile).not.toMatch(/(?:ENV|ARG)[^\n]*(?:TOKEN|SECRET|PASSWORD)/)
})
