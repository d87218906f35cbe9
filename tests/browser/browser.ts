import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'
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
  watchPage(page, faults)
  await page.goto(url)
  return page
}

/** Keeps what must never happen on a page. */
export function watchPage(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught|React/i.test(message.text()))
      faults.push(message.text())
  })
}
