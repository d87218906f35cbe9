import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type Locator, type Page, type Request } from 'playwright-core'
import { build } from 'vite'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { startServer, type RunningServer } from '#server'

const chromiumPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where Debian puts the browser; undefined where there is none. */
export const chromiumPath = chromiumPaths.find((path) => existsSync(path))

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    // Nothing of it reaches out; the machine has no GPU.
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  })
}

export interface Site {
  app: App
  url: string
  folder: string
  /** Stops the server and starts it again at the same address, with the same workspace. */
  restart(whileDown: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** A real workspace served with the page built from the sources as they are. */
export async function openSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-browser-'))
  const webFolder = join(folder, 'web')
  await build({
    configFile: resolve(import.meta.dirname, '../../web/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: webFolder, emptyOutDir: true },
  })
  const workspace = await initWorkspace(join(folder, 'workspace'))
  const open = async (port: string): Promise<{ app: App; server: RunningServer }> => {
    const config = await loadConfig({ workspace, env: {}, flags: { 'server.port': port } })
    const app = await createApp({ workspace, config })
    return { app, server: await startServer({ app, webFolder }) }
  }
  let now = await open('0')
  const { port } = new URL(now.server.url)
  const stop = async (): Promise<void> => {
    await now.server.close()
    await now.app.close()
  }
  return {
    get app() {
      return now.app
    },
    url: now.server.url,
    folder,
    async restart(whileDown) {
      await stop()
      await whileDown()
      now = await open(port)
    },
    async close() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A page that fails its test on what must never happen: an exception, or something the content security policy stopped. */
export async function openPage(browser: Browser, url: string, faults: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  page.setDefaultTimeout(90_000)
  watchPage(page, faults)
  await page.goto(url)
  return page
}

/** Requests of a page that are under way, but for streams, which stay open. */
const pending = new WeakMap<Page, Set<Request>>()

/** Waits until nothing has changed on a page, and nothing was asked of the server, for half a second; half a minute at most. */
export async function settle(page: Page): Promise<void> {
  const asked = pending.get(page)!
  let last = ''
  for (let same = 0, left = 300; same < 5 && left > 0; left--) {
    const now = String(await page.evaluate('document.body.outerHTML'))
    same = now === last && asked.size === 0 ? same + 1 : 0
    last = now
    await page.waitForTimeout(100)
  }
  // Colours that fade are not what they will be.
  await page.waitForFunction(
    'document.getAnimations().every((one) => one.playState !== "running" || one.effect?.getComputedTiming().endTime === Infinity)',
  )
}

/** Where an element stands once it stands still. */
export async function placeOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  for (let last = ''; ;) {
    const box = (await element.boundingBox())!
    if (JSON.stringify(box) === last) return box
    last = JSON.stringify(box)
    await element.page().waitForTimeout(150)
  }
}

/** Keeps what must never happen on a page. */
export function watchPage(page: Page, faults: string[]): void {
  const asked = new Set<Request>()
  pending.set(page, asked)
  page.on('request', (request) => request.resourceType() !== 'eventsource' && asked.add(request))
  page.on('requestfinished', (request) => asked.delete(request))
  page.on('requestfailed', (request) => asked.delete(request))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught|React/i.test(message.text()))
      faults.push(message.text())
  })
}
