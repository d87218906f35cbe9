import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  encodeBoxNetwork,
  encodeColourNetwork,
  encodeEchoNetwork,
  encodeNetwork,
  writeTaskModel,
} from '../../src/models/tasks/testing.ts'
import { floats, node } from '#models'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage, openSite, type Site } from './browser.ts'
import { hostile } from './pictures.ts'

/** Two pictures with the true box that the model says, and one of a class that it does not know. */
async function importBoxes({ app, folder }: Site): Promise<void> {
  const place = join(folder, 'boxes')
  await mkdir(place)
  const images = [1, 2].map((id) => ({ id, file_name: `${id}.png`, width: 16, height: 15 + id }))
  for (const { file_name: name, width, height } of images)
    await sharp({ create: { width, height, channels: 3, background: '#00f' } })
      .png()
      .toFile(join(place, name))
  const annotations = images.flatMap(({ id, height }) =>
    [
      [8, 0, 8, height],
      [0, 10, 4, 4],
    ].map((bbox, i) => ({
      id: 2 * id + i,
      image_id: id,
      category_id: 1 + i,
      bbox,
      area: bbox[2]! * bbox[3]!,
      iscrowd: 0,
    })),
  )
  const categories = [
    { id: 1, name: 'blue' },
    { id: 2, name: 'dent' },
  ]
  await writeFile(join(place, 'labels.json'), JSON.stringify({ images, categories, annotations }))
  await app.call('dataset.import', { path: join(place, 'labels.json'), dataset: 'boxes' })
}

const shades = { red: '#f00', [hostile]: '#0f0', blue: '#00f' }

describe.skipIf(chromiumPath === undefined)('runs, models and endpoints', { timeout: 120_000 }, () => {
  let site: Site
  let browser: Browser
  let page: Page
  const faults: string[] = []
  const open = async (search: string): Promise<void> => {
    page = await openPage(browser, `${site.url}/?dataset=colours&${search}`, faults)
  }
  const button = (name: string | RegExp, exact = false) => page.getByRole('button', { name, exact })
  const shown = (text: string | RegExp) => page.getByText(text).first().waitFor()
  const register = async (name: string, model: Parameters<typeof writeTaskModel>[1]): Promise<void> => {
    const path = await writeTaskModel(await mkdtemp(join(site.folder, 'model-')), model)
    await site.app.call('registry.register', { path, name, metrics: { accuracy: 0.75, loss: 0.5 } })
  }

  beforeAll(async () => {
    site = await openSite()
    const pictures = join(site.folder, 'pictures')
    // Every second green picture lies among the red ones.
    for (const [name, shade] of Object.entries(shades))
      for (let i = 0; i < 4; i++) {
        const folder = join(pictures, name === hostile && i % 2 === 1 ? 'red' : name)
        await mkdir(folder, { recursive: true })
        await sharp({ create: { width: 24 + i, height: 16, channels: 3, background: shade } })
          .png()
          .toFile(join(folder, `${shade.slice(1)}-${i}.png`))
      }
    await site.app.call('dataset.import', { path: pictures, dataset: 'colours' })
    const painter = {
      task: 'classification',
      output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
      network: encodeColourNetwork(),
      classes: ['red', hostile, 'blue'],
    }
    await register('painter', painter)
    await register('painter', { ...painter, classes: ['red', 'blue', hostile] })
    await register('masks', {
      task: 'segmentation',
      output: 'scores = "maps"\nclasses = "classes.json"',
      network: encodeEchoNetwork(),
      classes: ['green', 'blue'],
    })
    await importBoxes(site)
    await register('boxer', {
      task: 'detection',
      output: 'boxes = "boxes"\nscores = "scores"\nclasses = "classes.json"',
      network: encodeBoxNetwork([4, 0, 8, 8, 0, 0, 2, 2], [0.9, 0.6]),
      classes: ['blue'],
    })
    await site.app.call('evaluation.model', { model: 'painter:1', dataset: 'colours', rounds: 50, support: 2 })
    await site.app.call('evaluation.model', { model: 'painter:2', dataset: 'colours', rounds: 50, dryRun: true })
    await site.app.call('serving.deploy', { name: 'halves', model: 'masks' })
    browser = await openBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await site.close()
  })
  beforeEach(() => {
    faults.length = 0
  })
  afterEach(async () => {
    expect(await page.evaluate('window.__hit')).toBeUndefined()
    await page.close()
    expect(faults).toEqual([])
  })

  test('compares runs that were chosen, opens one, and offers to train', async () => {
    await open('tab=runs')
    const rows = page.locator('.runs-table tbody tr')
    await expect.poll(() => rows.count()).toBe(2)
    expect(await auditPage(page)).toEqual([])
    await page.getByRole('searchbox').fill('painter:2')
    await expect.poll(() => rows.count()).toBe(1)
    await page.getByRole('searchbox').fill('')
    await expect.poll(() => rows.count()).toBe(2)
    for (const box of await page.getByRole('checkbox', { name: /^Choose/ }).all()) await box.check()
    await button('Compare 2 runs').click()
    await page.getByRole('heading', { name: '2 runs side by side' }).waitFor()
    // Class names swapped, the second takes blue for green: 10 of 12 against 4 + 2.
    const best = page.locator('tr', { has: page.getByRole('rowheader', { name: /^accuracy/ }) }).locator('.runs-best')
    expect(await best.textContent()).toContain('0.8333')
    expect(await auditPage(page)).toEqual([])
    await page.locator('thead .runs-link').first().click()
    await page.getByRole('heading', { name: 'Parameters' }).waitFor()
    expect(new URL(page.url()).searchParams.get('runs')).toMatch(/^run_\w+$/)
    const link = page.getByRole('link', { name: 'evaluation.json' })
    const answer = await page.request.get(`${site.url}${await link.getAttribute('href')}`)
    expect(await answer.json()).toMatchObject({ task: 'classification', samples: 12 })
    await button('← All runs').click()
    await button('Train…').click()
    await page.getByLabel('Task').selectOption('segmentation')
    await page.getByText('Parameters of head').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('leads from the confusion matrix to the images, and keeps a reason with a stage', async () => {
    await open('tab=models')
    await button('painter:1').click()
    const cell = button(/of red taken for <img/)
    await cell.waitFor()
    expect(await auditPage(page)).toEqual([])
    await cell.click()
    await page.locator('[role=option]').first().waitFor()
    await expect.poll(() => page.locator('[role=option]').count()).toBe(2)
    await page.goBack()
    await button('Open red/0f0-1.png').click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByLabel('Reason, kept with the change').fill(`good enough ${hostile}`)
    await page.getByRole('combobox', { name: 'Stage' }).selectOption('staging')
    await button('Change the stage').click()
    await page.locator('.models-events').getByText(`good enough ${hostile}`).waitFor()
    expect(await site.app.call('registry.list', { model: 'painter' })).toMatchObject({
      versions: [{ stage: 'none' }, { stage: 'staging' }],
    })
  })

  test('leads from boxes that are wrong or missed to the images', async () => {
    await site.app.call('evaluation.model', { model: 'boxer', dataset: 'boxes', rounds: 0 })
    await open('tab=models&model=boxer:1')
    const cell = button(/of dent missed/)
    await cell.waitFor()
    expect(await button(/of blue where nothing is/).textContent()).toMatch(/^2/)
    expect(await button(/of blue taken for blue/).textContent()).toMatch(/^2/)
    expect(await auditPage(page)).toEqual([])
    await button('2 missed (FN)').waitFor()
    await cell.click()
    await page.locator('[role=option]').first().waitFor()
    await expect.poll(() => page.locator('[role=option]').count()).toBe(2)
    expect(new URL(page.url()).searchParams.get('query')).toBe('labels[class = "dent" and boxer_1_eval = "fn"]')
  })

  test('holds two versions against each other', async () => {
    await open('tab=models&model=painter:2')
    await button('Compare with…').click()
    await page.getByRole('dialog').getByLabel('Compare with', { exact: true }).selectOption('painter:1')
    await button('Compare', true).click()
    await button('Show the differences').click()
    await shown('painter:2 against painter:1')
    await expect.poll(() => page.locator('.models-flips li').count()).toBeGreaterThan(4)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await auditPage(page)).toEqual([])
  })

  test('shows where an anomaly is as a heat map', async () => {
    await register('odd', {
      task: 'anomaly',
      output: 'score = "score"\nmap = "map"\nthreshold = 0.5',
      network: encodeNetwork({
        nodes: [
          node('Conv', ['image', 'blueOnly'], 'map'),
          node('GlobalMaxPool', ['map'], 'highest'),
          node('Flatten', ['highest'], 'score'),
        ],
        initializers: [floats('blueOnly', [1, 3, 1, 1], [0, 0, 1])],
        outputs: { score: ['n', 1], map: ['n', 1, 8, 8] },
      }),
    })
    await site.app.call('serving.deploy', { name: 'oddities', model: 'odd' })
    await open('tab=endpoints&endpoint=oddities')
    const buffer = await readFile(join(site.folder, 'pictures', 'blue', '00f-0.png'))
    await page.getByLabel(/Drop a picture here/).setInputFiles({ name: 'blue.png', mimeType: 'image/png', buffer })
    await shown('anomalous')
    const heat = page.getByAltText('Heat map of blue.png')
    await heat.waitFor()
    await expect.poll(() => heat.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBe(24)
    await shown('from grey 128 of 255 on it is anomalous')
    expect(await auditPage(page)).toEqual([])
    await site.app.call('serving.remove', { name: 'oddities' })
  })

  test('answers a picture in the playground, with a key where one is needed', async () => {
    await open('tab=endpoints')
    await button('halves').click()
    const picture = {
      name: `half${hostile}.png`,
      mimeType: 'image/png',
      buffer: await readFile(join(site.folder, 'pictures', 'blue', '00f-0.png')),
    }
    await page.getByLabel(/Drop a picture here/).setInputFiles(picture)
    await shown('100.00 % of the pixels, score 1')
    // Blue of the picture, orange of the second class over it.
    const pixel = await page
      .locator('.endpoints-board')
      .evaluate((board: { getContext(kind: '2d'): { getImageData(...at: number[]): { data: ArrayLike<number> } } }) =>
        Array.from(board.getContext('2d').getImageData(20, 20, 1, 1).data),
      )
    expect(pixel[0]).toBeGreaterThan(80)
    expect(pixel[2]).toBeGreaterThan(80)
    await shown(/-o mask\.png/)
    expect(await auditPage(page)).toEqual([])

    await button('Make a key').click()
    const key = (await page.locator('.endpoints-key code').textContent())!
    await button('Ask again').click()
    await shown(/Expected a key of endpoint halves/)
    await page.getByLabel('Key', { exact: true }).fill(key)
    await button('Ask again').click()
    await shown('100.00 % of the pixels, score 1')
    await expect
      .poll(() => page.getByRole('region', { name: 'Statistics' }).getByRole('row').nth(1).textContent())
      .toContain('masks:1')
    await button('I have it').click()
    await button('Remove…').click()
    await button('Remove it').click()
    await shown('No endpoint yet')
  })
})
