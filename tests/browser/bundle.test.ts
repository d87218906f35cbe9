import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig } from '#app'
import { encodeEchoNetwork, writeTaskModel } from '../../src/models/tasks/testing.ts'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage } from './browser.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves the files of a folder as any plain web server does; `spoil` changes one on its way. */
async function serve(folder: string, spoil: { name: string } | undefined): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1)
    readFile(join(folder, name)).then(
      (bytes) => {
        response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream')
        response.end(spoil?.name === name ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

describe.skipIf(chromiumPath === undefined)('a bundle for browsers', { timeout: 120_000 }, () => {
  let root: string
  let folder: string
  let browser: Browser
  const servers: Server[] = []
  const open = async (spoil?: { name: string }) => {
    const { server, url } = await serve(folder, spoil)
    servers.push(server)
    const faults: string[] = []
    return { page: await openPage(browser, url, faults), faults }
  }

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fovea-web-bundle-'))
    await promisify(execFile)(process.execPath, [resolve(import.meta.dirname, '../../edge/build.mjs')])
    await mkdir(join(root, 'pictures'))
    await sharp({ create: { width: 320, height: 200, channels: 3, background: '#0f0' } })
      .composite([{ input: { create: { width: 120, height: 200, channels: 3, background: '#00f' } }, left: 0, top: 0 }])
      .jpeg({ quality: 95 })
      .toFile(join(root, 'pictures/halves.jpg'))
    await mkdir(join(root, 'w'))
    const workspace = await initWorkspace(join(root, 'w'))
    const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
    try {
      await app.call('dataset.import', { path: join(root, 'pictures'), dataset: 'halves' })
      await mkdir(join(root, 'model'))
      const path = await writeTaskModel(join(root, 'model'), {
        task: 'segmentation',
        output: 'scores = "maps"\nclasses = "classes.json"',
        network: encodeEchoNetwork(),
        classes: ['green', 'blue'],
        lines: 'title = "Halves"',
      })
      await app.call('registry.register', { path, name: 'halves' })
      await app.call('gate.golden', { model: 'halves', dataset: 'halves', count: 1 })
      folder = join(root, 'bundle')
      await app.call('bundle.make', { model: 'halves', target: 'web', to: folder })
    } finally {
      await app.close()
    }
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    for (const server of servers) await new Promise((done) => server.close(done))
    await rm(root, { recursive: true, force: true })
  })

  test('tries itself out, and draws where a dropped picture has what', async () => {
    const { page, faults } = await open()
    await page.locator('#state[data-state=good], #state[data-state=bad]').waitFor()
    expect(await page.locator('#state').textContent()).toMatch(/1 golden pictures are as recorded/)
    await page.locator('#file').setInputFiles(join(root, 'pictures/halves.jpg'))
    const answer = page.getByRole('listitem').filter({ hasText: 'halves.jpg' })
    await answer.getByRole('table').waitFor()
    const [green, blue] = await answer.getByRole('row').allTextContents()
    expect(Number.parseFloat(green!.replace('green', ''))).toBeCloseTo(62.5, -1)
    expect(Number.parseFloat(blue!.replace('blue', ''))).toBeCloseTo(37.5, -1)
    expect(await auditPage(page)).toEqual([])
    expect(faults).toEqual([])
    await page.close()
  })

  test('says what is wrong with a picture, and with itself', async () => {
    const { page } = await open()
    await page.locator('#state[data-state=good]').waitFor()
    await page.locator('#file').setInputFiles({ name: '<b>no.png', mimeType: 'image/png', buffer: Buffer.from('no') })
    await page.getByText('The picture cannot be decoded').waitFor()
    expect(await page.getByRole('heading', { name: '<b>no.png' }).count()).toBe(1)
    await page.close()
    const spoilt = await open({ name: 'model.onnx' })
    await spoilt.page.getByText('model.onnx of the bundle is not what was signed').waitFor()
    expect(await spoilt.page.locator('#file').isDisabled()).toBe(true)
    await spoilt.page.close()
  })
})
