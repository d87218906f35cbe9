import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { App } from '#app'
import { addRunRoutes } from './run-routes.ts'

let folder: string
let server: FastifyInstance
const asked: string[][] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-run-routes-'))
  await writeFile(join(folder, 'curve.csv'), '0,1\n1,2\n')
  await writeFile(join(folder, 'page.html'), '<script>')
  server = fastify()
  addRunRoutes(server, {
    async artefactFile(run, name) {
      asked.push([run, name])
      return join(folder, name.split('/').at(-1)!)
    },
  } as App)
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

it('sends what a run left, whole or in part, and not again when nothing changed', async () => {
  const whole = await server.inject('/runs/run_a/artefacts/plots/curve.csv')
  expect(asked.at(-1)).toEqual(['run_a', 'plots/curve.csv'])
  expect(whole.body).toBe('0,1\n1,2\n')
  expect(whole.headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': expect.stringContaining('sandbox'),
  })
  const part = await server.inject({ url: '/runs/run_a/artefacts/curve.csv', headers: { range: 'bytes=4-6' } })
  expect([part.statusCode, part.body]).toEqual([206, '1,2'])
  const etag = String(whole.headers['etag'])
  const same = await server.inject({ url: '/runs/run_a/artefacts/curve.csv', headers: { 'if-none-match': etag } })
  expect([same.statusCode, same.body]).toEqual([304, ''])
})

it('sends nothing in a form that a browser would run', async () => {
  const page = await server.inject('/runs/run_a/artefacts/page.html')
  expect(page.headers['content-type']).toBe('application/octet-stream')
})
