// npm run gallery: makes the pictures of docs/browser.md anew from the demo dataset, in a folder that is removed afterwards.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { createRng } from '#base'
import { chromiumPath, openBrowser, openPage, openSite, type Site } from '../tests/browser/browser.ts'

const target = resolve(import.meta.dirname, '../docs/gallery')
const dataset = 'tiles'
const model = 'defects'

/** What addresses of views name: a sample worth opening, a report of checks, the run that trained a model. */
interface Made {
  sample: string
  report: string
  run: string
  /** Of the defects shown at an endpoint. */
  picture: string
}

interface Shot {
  name: string
  search: string | ((made: Made) => string)
  isDark?: boolean
  /** What a person does before the picture is taken. */
  prepare?: (page: Page, site: Site, made: Made) => Promise<void>
}

const shots: Shot[] = [
  { name: 'grid', search: 'zoom=150' },
  { name: 'objects', search: 'tiles=objects&layout=square&zoom=130&layers=truth&group=class' },
  { name: 'brush', search: 'group=split&zoom=110', prepare: brushBrightness },
  { name: 'map', search: 'tab=map', isDark: true, prepare: drawLasso },
  {
    name: 'sample',
    search: ({ sample }) => `sample=${sample}`,
    isDark: true,
    prepare: async (page) => {
      await page.locator('.sample-waiting, .sample-coming').waitFor({ state: 'detached' })
    },
  },
  { name: 'statistics', search: 'tab=stats' },
  { name: 'card', search: 'tab=card' },
  {
    name: 'commands',
    search: 'zoom=110',
    prepare: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Find a command' }).fill('sp')
    },
  },
  {
    name: 'query-error',
    search: 'zoom=110',
    prepare: async (page) => {
      await page.keyboard.press('/')
      await page.keyboard.type('class = "crack" and exif.iso >= 200 and brigtness < 0.4')
      await page.locator('.query-wrong').first().waitFor()
      await page.keyboard.press('Escape')
    },
  },
  {
    name: 'import',
    search: 'zoom=110',
    prepare: async (page, site) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Find a command' }).fill('import…')
      await page.keyboard.press('Enter')
      await page.getByLabel(/^Folder or file/).fill(join(site.app.workspace.folder, 'shared'))
      await page.keyboard.press('Enter')
      await page
        .getByText(/class folders/)
        .first()
        .waitFor()
    },
  },
  {
    name: 'jobs',
    search: 'zoom=110',
    prepare: async (page, site) => {
      await site.app.start('spaces.embed', { dataset, of: 'labels', space: 'defects' })
      await page.reload()
      await page.getByRole('button', { name: /^Jobs/ }).click()
      await page
        .getByText(/embed: [1-9]/)
        .waitFor({ timeout: 20_000 })
        .catch(() => undefined)
    },
  },
  { name: 'checks', search: ({ report }) => `tab=checks&report=${report}` },
  { name: 'run', search: ({ run }) => `tab=runs&runs=${run}`, isDark: true },
  { name: 'evaluation', search: `tab=models&model=${model}:1`, prepare: showEvaluation },
  {
    name: 'endpoint',
    search: `tab=endpoints&endpoint=${model}`,
    prepare: async (page, _, { picture }) => {
      await page.getByLabel(/Drop a picture here/).setInputFiles(picture)
      await page.getByText(/curl /).first().waitFor()
    },
  },
]

/** Figures, confusion and curves lie below what was registered. */
async function showEvaluation(page: Page): Promise<void> {
  const heading = page.getByRole('heading', { name: /confus/i }).first()
  await heading.waitFor()
  await heading.evaluate('(node) => node.scrollIntoView()')
}

async function brushBrightness(page: Page): Promise<void> {
  const bars = page.getByRole('img', { name: /^brightness: / })
  await page.mouse.move(140, 500)
  await page.mouse.wheel(0, 450)
  await page.waitForTimeout(500)
  const box = (await bars.boundingBox())!
  await page.mouse.move(box.x + box.width * 0.3, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 8 })
  await page.mouse.up()
}

/** One lasso has selected; another is being drawn to add to it. */
async function drawLasso(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Lasso' }).click()
  const box = (await page.getByRole('application').boundingBox())!
  const draw = async ([[left, top], ...rest]: [[number, number], ...[number, number][]]): Promise<void> => {
    await page.mouse.move(box.x + box.width * left, box.y + box.height * top)
    await page.mouse.down()
    for (const [x, y] of rest) await page.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 12 })
  }
  await draw([
    [0.5, 0.05],
    [0.95, 0.05],
    [0.95, 0.5],
    [0.7, 0.6],
    [0.5, 0.4],
  ])
  await page.mouse.up()
  await page
    .getByText(/\d+ selected/)
    .first()
    .waitFor()
  await page.keyboard.down('Shift')
  await draw([
    [0.43, 0.88],
    [0.46, 0.98],
    [0.52, 0.97],
    [0.53, 0.88],
    [0.48, 0.84],
  ])
}

/** The page as it is when nothing moves on it any more. */
async function takeRested(page: Page): Promise<Buffer> {
  let last = await page.screenshot()
  for (let tries = 0; tries < 20; tries++) {
    await page.waitForTimeout(1_500)
    const next = await page.screenshot()
    if (next.equals(last)) break
    last = next
  }
  return last
}

const mostBytes = 200_000

/**
 * A PNG of at most 256 colours. The photographs are grey through and through, as nothing else on the page is, and rough: they are
 * drawn in as many greys as fit, so that the colours of classes stay what they are.
 */
async function shrink(picture: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  let made = picture
  for (const greys of [48, 32, 24, 20, 16, 13, 11]) {
    const drawn = Buffer.from(data)
    for (let at = 0; at < drawn.length; at += 3) {
      const value = drawn[at]!
      if (value !== drawn[at + 1] || value !== drawn[at + 2] || value === 255) continue
      drawn.fill(Math.round((Math.round((value / 255) * (greys - 1)) / (greys - 1)) * 255), at, at + 3)
    }
    const { width, height } = info
    made = await sharp(drawn, { raw: { width, height, channels: 3 } })
      .png({ palette: true, effort: 10, dither: 0 })
      .toBuffer()
    if (made.length <= mostBytes) break
  }
  return made
}

interface Coco {
  annotations: { bbox: number[]; segmentation?: unknown; area: number; score?: number; category_id: number }[]
  categories: unknown[]
}

/** What a model that is often right would say: most boxes a little off, some missed, some of another class. */
async function makePredictions(site: Site, folder: string): Promise<void> {
  const to = join(site.folder, 'truth')
  await site.app.call('dataset.export', { dataset, format: 'coco', to, media: 'none' })
  const coco = JSON.parse(await readFile(join(to, 'labels.json'), 'utf8')) as Coco
  const rng = createRng('predictions')
  const annotations = coco.annotations.flatMap(({ segmentation: _, bbox, ...rest }) => {
    if (rng.uniform(0, 1) < 0.12) return []
    const [x, y, w, h] = bbox as [number, number, number, number]
    const shift = (size: number): number => rng.uniform(-0.12, 0.12) * size
    const [left, top] = [Math.max(0, x + shift(w)), Math.max(0, y + shift(h))]
    const score = Math.round(rng.uniform(0.45, 0.99) * 100) / 100
    return [{ ...rest, bbox: [left, top, w, h], area: w * h, score }]
  })
  const file = join(folder, 'predictions.json')
  await writeFile(file, JSON.stringify({ ...coco, annotations }))
  await site.app.call('dataset.import', { path: file, dataset, format: 'coco', layer: 'model' })
}

async function fill(site: Site): Promise<Made> {
  const folder = join(site.folder, 'tiles')
  const call = (id: string, input: object): Promise<unknown> => site.app.call(id, input)
  await call('demo.make', { to: folder, tiles: 70 })
  await call('demo.make', { to: join(site.app.workspace.folder, 'shared'), tiles: 6, seed: 9 })
  await call('dataset.import', { path: folder, dataset })
  await makePredictions(site, folder)
  await call('split.assign', { dataset, ratios: 'train=.7,val=.2,test=.1' })
  await call('spaces.embed', { dataset })
  await call('spaces.map', { dataset })
  await call('sample.tag', { dataset, query: 'sharpness < 0.2', tags: ['blurry'] })
  await call('sample.tag', { dataset, query: 'brightness < 0.25', tags: ['dark'] })
  await call('slice.save', { dataset, name: 'dark-cracks', query: 'class = "crack" and tag:dark' })
  await call('dataset.edit-card', {
    dataset,
    description: 'Photographs of ground tiles under three exposures, with the areas of their defects.',
    licence: 'Apache-2.0',
    owner: 'Ada',
  })
  const query = 'layer("model").labels[class = "fray"].count > 0 and width > 200'
  const { rows } = (await call('query.run', { dataset, query })) as { rows: { id: string }[] }
  await call('check.init', { dataset })
  const { id: report } = (await call('check.run', { dataset })) as { id: string }
  const { run } = (await call('training.train', { dataset, task: 'segmentation', model, seed: 1 })) as {
    run: string
  }
  await call('serving.deploy', { name: model, model })
  const shown = (await call('query.run', {
    dataset,
    query: `class = "fray" and ${model}_1_dice > 0.6 order by ${model}_1_dice desc limit 1`,
  })) as { rows: { path: string }[] }
  return { sample: rows[0]!.id, report, run, picture: join(folder, shown.rows[0]!.path) }
}

if (chromiumPath === undefined) {
  process.stderr.write('There is no Chromium. Install it with: apt-get install chromium\n')
  process.exit(1)
}
const only = process.argv.slice(2)
const site = await openSite()
const browser = await openBrowser()
try {
  const made = await fill(site)
  if (only.length === 0) await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  for (const { name, search, isDark = false, prepare } of shots) {
    if (only.length > 0 && !only.includes(name)) continue
    const faults: string[] = []
    const page = await openPage(browser, 'about:blank', faults)
    await page.emulateMedia({ colorScheme: isDark ? 'dark' : 'light' })
    await page.goto(`${site.url}/?dataset=${dataset}&${typeof search === 'string' ? search : search(made)}`)
    await page.waitForLoadState('networkidle').catch(() => undefined)
    await prepare?.(page, site, made)
    const png = await shrink(await takeRested(page))
    await writeFile(join(target, `${name}.png`), png)
    process.stdout.write(
      `${name}.png ${Math.round(png.length / 1000)} kB${faults.length > 0 ? ` FAULTS ${faults.join('; ')}` : ''}\n`,
    )
    await page.close()
  }
} finally {
  await browser.close()
  await site.close()
}
