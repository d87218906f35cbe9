// The page in a real browser over 1 M samples and 5 M labels: how long a person waits for what is on the screen.
// BENCH_SAMPLES=100000 makes a smaller workspace. Needs Chromium, and the built package (run: npm run build).
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type Page } from 'playwright-core'
import { median, type BenchResult } from './bench.ts'

const samples = Number(process.env['BENCH_SAMPLES'] ?? 1_000_000)
const count = samples.toLocaleString('en')

export const name = `web: ${count} samples, ${(samples * 5).toLocaleString('en')} labels`

const main = join(import.meta.dirname, '../dist/cli/main.js')
const assets = join(import.meta.dirname, '../dist/web/assets')
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Large enough for every part of the sidebar that is open at first. */
const viewport = { width: 1600, height: 1200 }
const loads = 5
const rowsToScroll = 100_000
const nextSteps = 60

/** A call of web-probe.mjs, which runs in the page. */
const ask = <T>(page: Page, call: string): Promise<T> => page.evaluate(`probe.${call}`)
/** Time of what a person does, from the event to what it shows. */
async function time(page: Page, what: string, act: () => Promise<void>): Promise<number> {
  await ask(page, `begin('${what}')`)
  await act()
  return ask<number>(page, 'end()')
}
const pause = (page: Page, ms: number): Promise<void> => page.waitForTimeout(ms)
const verbose = (...said: unknown[]): void => {
  if (process.env['BENCH_VERBOSE']) console.error(...said)
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN
}

/** In a process of its own, as the memory it takes is no matter here. */
function makeWorkspace(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'web-workspace.ts'), [folder, String(samples)])
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`web-workspace.ts ended with ${code}.`))))
  })
}

interface Server {
  url: string
  pid: number
  close(): Promise<void>
}

async function startServer(workspace: string): Promise<Server> {
  const child = spawn(process.execPath, [main, 'up', '--port', '0', '--json', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await Promise.race([readUrl(child), ended.then(() => undefined)])
  if (url === undefined) throw new Error('fovea up ended before it said its address.')
  return {
    url,
    pid: child.pid!,
    async close() {
      child.kill('SIGTERM')
      await ended
      process.off('exit', kill)
    },
  }
}

async function readUrl(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface(child.stdout!)) return (JSON.parse(line) as { url: string }).url
  return undefined
}

/** Makes the thumbnails, as an import does, and has the server read its tables once. */
async function warm(url: string): Promise<void> {
  const pictures = Math.min(samples, 240)
  for (let from = 1; from <= pictures; from += 8) {
    const group = Array.from({ length: Math.min(8, pictures - from + 1) }, (_, i) =>
      fetch(`${url}/thumb/s_${from + i}`),
    )
    for (const answer of await Promise.all(group)) {
      if (!answer.ok) throw new Error(`A thumbnail was answered with ${answer.status}: ${await answer.text()}`)
      await answer.arrayBuffer()
    }
  }
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  // Every page is a visitor who comes for the first time: nothing is in its cache.
  const context = await browser.newContext({ viewport })
  await context.addInitScript({ path: join(import.meta.dirname, 'web-probe.mjs') })
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(`The page failed: ${error.message}`))
  await page.goto(url, { waitUntil: 'commit' })
  return page
}

interface Loaded {
  firstAt: number
  allAt: number
  panels: string[]
  scripts: string[]
}

async function measureLoads(browser: Browser, url: string): Promise<BenchResult[]> {
  const found: Loaded[] = []
  for (let i = 0; i <= loads; i++) {
    const page = await openPage(browser, url)
    found.push(await ask<Loaded>(page, 'loaded()'))
    await page.context().close()
  }
  // The first warms the server.
  const [, ...warmed] = found
  verbose('panels in sight:', found[0]!.panels.join(', '))
  verbose('loads:', ...found.map(({ firstAt, allAt }) => `${Math.round(firstAt)}/${Math.round(allAt)}`))
  const scripts = await Promise.all(
    warmed[0]!.scripts.map(async (script) => gzipSync(await readFile(join(assets, basename(script)))).length),
  )
  return [
    {
      what: `first useful paint: pictures, and the sidebar with counts; slowest of ${loads} visits`,
      value: Math.max(...warmed.map(({ firstAt }) => firstAt)),
      unit: 'ms',
      atMost: 1_500,
    },
    {
      what: `everything in sight is there: all pictures, counts, histograms; median of ${loads} visits`,
      value: median(warmed.map(({ allAt }) => allAt)),
      unit: 'ms',
    },
    {
      what: `JavaScript of the first view, ${scripts.length} ${scripts.length === 1 ? 'file' : 'files'}, gzipped`,
      value: scripts.reduce((a, b) => a + b, 0) / 1000,
      unit: 'kB',
      atMost: 400,
    },
  ]
}

/** Drags over the histogram of a field, one end from one share of it to another. Answers the time of each step. */
async function brush(page: Page, field: string, from: number, shares: readonly number[]): Promise<number[]> {
  const plot = await ask<{ left: number; top: number; width: number; height: number }>(page, `plot('${field}')`)
  const y = plot.top + plot.height / 2
  const times: number[] = []
  await page.mouse.move(plot.left + plot.width * from, y)
  await page.mouse.down()
  for (const share of shares) {
    times.push(await time(page, 'brushed', () => page.mouse.move(plot.left + plot.width * share, y)))
    await pause(page, 120)
  }
  await page.mouse.up()
  await ask(page, 'rested()')
  verbose(`brush ${field}:`, ...times.map(Math.round))
  return times
}

const wayOut = Array.from({ length: 15 }, (_, i) => 0.2 + i * 0.05)

async function measureBrush(browser: Browser, url: string): Promise<BenchResult[]> {
  const page = await openPage(browser, url)
  await ask(page, 'loaded()')
  const times = [
    ...(await brush(page, 'brightness', 0.1, wayOut)),
    ...(await brush(
      page,
      'contrast',
      0.9,
      wayOut.map((share) => 1 - share),
    )),
  ]
  await page.goto(
    `${url}/?dataset=big&query=${encodeURIComponent('labels[class = "crack" and area > 0.01].count >= 1')}`,
  )
  await ask(page, 'loaded()')
  times.push(...(await brush(page, 'sharpness', 0.1, wayOut)))
  await page.context().close()
  return [
    {
      what: `brush on a histogram until grid, total, and all counts and histograms in sight show it, p95 of ${times.length}`,
      value: p95(times),
      unit: 'ms',
      atMost: 400,
    },
    { what: 'brush: median', value: median(times), unit: 'ms' },
  ]
}

interface Place {
  first: number
  perRow: number
  count: number
}

async function measureScrolling(page: Page): Promise<BenchResult[]> {
  const start = await ask<Place>(page, 'place()')
  const rows = start.count / start.perRow
  const wanted = Math.min(rowsToScroll, Math.floor(rows * 0.9))
  await ask(page, 'watchFrames()')
  await ask(page, `dragScrollBar(${Math.min(1, (wanted * 1.05) / rows)}, 10_000)`)
  const dragged = await ask<{ longestMs: number; frames: number; empty: number }>(page, 'stopFrames()')
  const picturedMs = await ask<number>(page, 'pictured()')
  const end = await ask<Place>(page, 'place()')
  const passed = Math.round((end.first - start.first) / start.perRow)
  if (passed < wanted) throw new Error(`Expected to scroll over ${wanted} rows, came over ${passed}.`)

  await page.mouse.move(viewport.width * 0.7, viewport.height / 2)
  await ask(page, 'watchFrames()')
  for (let turn = 0; turn < 200; turn++) await page.mouse.wheel(0, turn < 100 ? 900 : -900)
  for (const key of ['End', 'Home', 'PageDown', 'PageDown', 'End', 'Home']) {
    await page.keyboard.press(key)
    await pause(page, 100)
  }
  const turned = await ask<{ longestMs: number; frames: number; empty: number }>(page, 'stopFrames()')
  verbose('scrolling:', dragged, turned)
  return [
    {
      what: `scroll bar over ${passed.toLocaleString('en')} rows in 10 s: longest time between two frames full of tiles`,
      value: dragged.longestMs,
      unit: 'ms',
      atMost: 200,
    },
    { what: 'afterwards, until all pictures in sight are there', value: picturedMs, unit: 'ms' },
    {
      what: 'wheel, Home, End, PageDown: longest time between two frames full of tiles',
      value: turned.longestMs,
      unit: 'ms',
      atMost: 200,
    },
  ]
}

async function measureNext(page: Page): Promise<BenchResult> {
  await page.keyboard.press('Home')
  await page.locator('[role=option][aria-posinset="1"]:not([hidden])').dblclick()
  await page.locator('.sample-heading h1').waitFor()
  await pause(page, 1_000)
  const times: number[] = []
  for (let step = 0; step < nextSteps; step++) {
    times.push(await time(page, 'stepped', () => page.keyboard.press('ArrowRight')))
    await pause(page, 150)
  }
  verbose('next:', ...times.map(Math.round))
  await page.keyboard.press('Escape')
  return {
    what: `next sample until its whole picture, path and labels are there, a step each 150 ms, p95 of ${nextSteps}`,
    value: p95(times),
    unit: 'ms',
    atMost: 100,
  }
}

async function measureSelectAll(page: Page): Promise<BenchResult> {
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    times.push(await time(page, 'selectedAll', () => page.keyboard.press('Control+a')))
    await page.keyboard.press('Escape')
    await pause(page, 300)
  }
  verbose('select all:', ...times.map(Math.round))
  return { what: 'Ctrl+A until all are marked as selected, median of 5', value: median(times), unit: 'ms' }
}

/** A figure of /proc/<pid>/status, in MB. */
async function readMemoryMb(pid: number, key: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'VmSwap'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6
}

async function listRenderers(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

/**
 * Follows what Chromium calls the memory footprint of a page: anonymous and swapped memory of its process, without what it shares with
 * others (the browser's own code, above all). Of several processes the largest counts: what is kept ready for the next page is small.
 */
async function followFootprint(browser: Browser): Promise<{ stop(): number }> {
  const renderers = await listRenderers(browser)
  let peak = 0
  const look = async (): Promise<void> => {
    for (const pid of renderers) {
      const parts = await Promise.all([readMemoryMb(pid, 'RssAnon'), readMemoryMb(pid, 'VmSwap')]).catch(() => [0])
      peak = Math.max(
        peak,
        parts.reduce((sum, part) => sum + part, 0),
      )
    }
  }
  const timer = setInterval(() => void look(), 100)
  await look()
  return {
    stop() {
      clearInterval(timer)
      return peak
    },
  }
}

async function measureMemory(
  browser: Browser,
  page: Page,
  server: Server,
  footprint: { stop(): number },
): Promise<BenchResult[]> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const heap = metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? Number.NaN
  const renderers = await listRenderers(browser)
  const peaks = await Promise.all(renderers.map((pid) => readMemoryMb(pid, 'VmHWM')))
  return [
    {
      what: 'memory of the page: footprint (anonymous memory of its process), most over scrolling, samples, Ctrl+A',
      value: footprint.stop(),
      unit: 'MB',
      atMost: 600,
    },
    {
      what: 'memory of the page: all that was resident in its process, shared code and pictures included',
      value: Math.max(...peaks),
      unit: 'MB',
    },
    { what: 'memory of the page: JavaScript heap after a collection (JSHeapUsedSize)', value: heap / 1e6, unit: 'MB' },
    { what: 'peak memory of the server', value: await readMemoryMb(server.pid, 'VmHWM'), unit: 'MB' },
  ]
}

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(main)) throw new Error(`Expected the built package at ${main}. Run: npm run build`)
  const executablePath = browsers.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error(`Expected Chromium at one of ${browsers.join(', ')}.`)
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  let server: Server | undefined
  let browser: Browser | undefined
  try {
    await makeWorkspace(folder)
    server = await startServer(join(folder, 'workspace'))
    await warm(server.url)
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-gpu',
      ],
    })
    const [loadBefore] = loadavg()
    const results = await measureLoads(browser, server.url)
    results.push(...(await measureBrush(browser, server.url)))
    const page = await openPage(browser, server.url)
    await ask(page, 'loaded()')
    const footprint = await followFootprint(browser)
    results.push(...(await measureScrolling(page)))
    results.push(await measureNext(page), await measureSelectAll(page))
    results.push(...(await measureMemory(browser, page, server, footprint)))
    results.push({ what: 'load of the machine when it began (1 would be one busy core)', value: loadBefore!, unit: '' })
    return results
  } finally {
    await browser?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  }
}
