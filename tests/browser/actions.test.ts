import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage, openSite, settle, type Site } from './browser.ts'

describe.skipIf(chromiumPath === undefined)('imports, exports and statistics', { timeout: 240_000 }, () => {
  let site: Site
  let browser: Browser
  let page: Page
  let pictures: string
  const faults: string[] = []
  const open = async (search: string): Promise<void> => {
    page = await openPage(browser, `${site.url}/${search}`, faults)
  }
  const shown = (text: string | RegExp, within: Page | Locator = page) => within.getByText(text).first().waitFor()
  const dialog = (name: string) => page.getByRole('dialog', { name })
  const datasets = async (): Promise<{ name: string; samples: number; labels: number }[]> =>
    ((await site.app.call('dataset.list', {})) as { datasets: { name: string; samples: number; labels: number }[] })
      .datasets
  const uploads = (): Promise<string[]> => readdir(site.app.workspace.imports)

  /** Drops files and folders of this machine onto the header of the page, where nothing changes below, as a file manager does. */
  const drop = async (...files: string[]): Promise<void> => {
    const session = await page.context().newCDPSession(page)
    const data = { items: [], files, dragOperationsMask: 1 }
    const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      session.send('Input.dispatchDragEvent', { type, x: 700, y: 18, data })
    await send('dragEnter')
    const seen = page.getByText('Drop to import')
    // A drag tells of itself again and again.
    for (let left = 200; left > 0 && !(await seen.isVisible()); left--) await send('dragOver')
    await send('dragOver')
    await send('drop')
    await dialog('Import').waitFor()
    await seen.waitFor({ state: 'detached' })
    await session.detach()
  }
  const makePicture = (file: string, hue: number): Promise<unknown> =>
    sharp({ create: { width: 60 + hue, height: 50, channels: 3, background: { r: hue, g: 90, b: 160 } } })
      .jpeg()
      .toFile(file)

  beforeAll(async () => {
    site = await openSite()
    // Below the workspace, so that the page may export the files.
    pictures = join(site.app.workspace.folder, 'pets')
    for (const [i, name] of ['cat', 'dog'].entries()) {
      await mkdir(join(pictures, name), { recursive: true })
      for (let n = 0; n < 12 + 6 * i; n++) await makePicture(join(pictures, name, `${n}.jpg`), 100 * i + n)
    }
    await site.app.call('dataset.import', { path: pictures, dataset: 'pets' })
    await site.app.call('sample.set', { dataset: 'pets', query: 'width < 110', field: 'split', value: 'train' })
    browser = await openBrowser()
  }, 300_000)
  afterAll(async () => {
    await browser.close()
    await site.close()
  })
  beforeEach(() => {
    faults.length = 0
  })
  afterEach(async () => {
    await page.close()
    expect(faults).toEqual([])
  })

  test('a folder that is dropped is sent, looked at and imported, and dropped again is known', async () => {
    const folder = join(site.folder, 'birds')
    for (const name of ['heron', 'wren']) {
      await mkdir(join(folder, name), { recursive: true })
      for (let n = 0; n < 5; n++) await makePicture(join(folder, name, `${n} ä.jpg`), 20 * n)
    }
    await writeFile(join(folder, 'wren', 'broken.jpg'), 'no picture')
    await writeFile(join(folder, '.DS_Store'), 'x')
    await open('?dataset=pets')
    await shown('30 samples')
    await drop(folder)
    const window = dialog('Import')
    await shown(/imagefolder/, window)
    await shown('It will be made.', window)
    await expect.poll(() => window.getByLabel('Dataset').inputValue()).toBe('birds')
    await window.getByRole('button', { name: 'Import', exact: true }).click()
    await shown('10 new samples and 10 labels in birds', window)
    await shown('wren/broken.jpg', window)
    await expect.poll(uploads).toEqual([])
    await window.getByRole('button', { name: 'Show birds' }).click()
    await page.waitForURL(/dataset=birds/)
    await shown('10 samples')
    await drop(folder)
    await shown('It is there already: what is new or changed is added.', window)
    await window.getByRole('button', { name: 'Import into birds' }).click()
    await shown('10 samples as they were', window)
    expect(await datasets()).toContainEqual(expect.objectContaining({ name: 'birds', samples: 10, labels: 10 }))
  })

  test('what is dropped and not imported is taken away again', async () => {
    await open('?dataset=pets')
    await drop(join(pictures, 'cat', '1.jpg'), join(pictures, 'dog'))
    await shown(/· 19 files$/, dialog('Import'))
    expect(await uploads()).toHaveLength(1)
    await page.keyboard.press('Escape')
    await dialog('Import').waitFor({ state: 'detached' })
    await expect.poll(uploads).toEqual([])
  })

  test('an empty folder, and what the server refuses, are told with what to do', async () => {
    const folder = join(site.folder, 'nothing')
    await mkdir(folder)
    await open('?dataset=pets')
    await drop(folder)
    await shown('There is no file in what was chosen.', dialog('Import'))
    await page.route('**/upload/**', (route) =>
      route.request().method() === 'PUT'
        ? route.fulfill({ status: 413, json: { code: 'TOO_LARGE', message: 'Too large a file.', hint: 'Send less.' } })
        : route.continue(),
    )
    await drop(join(pictures, 'cat'))
    await shown('Too large a file.', dialog('Import'))
    await shown('Send less.', dialog('Import'))
    await expect.poll(uploads).toEqual([])
  })

  test('a folder of the server is imported by its path', async () => {
    const folder = join(site.app.workspace.folder, 'few')
    await mkdir(folder)
    await makePicture(join(folder, 'a.jpg'), 5)
    await open('?dataset=pets')
    await page.getByRole('button', { name: 'Export…' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).fill('import…')
    await page.keyboard.press('Enter')
    const window = dialog('Import')
    await window.getByLabel('Folder or file on the server’s machine').fill('/nowhere')
    await page.keyboard.press('Enter')
    await window.getByRole('alert').waitFor()
    await window.getByLabel('Folder or file on the server’s machine').fill(folder)
    await page.keyboard.press('Enter')
    await shown(/1 file$/, window)
    await window.getByRole('button', { name: 'Import', exact: true }).click()
    await shown('1 new sample and 0 labels in few', window)
    expect(await stat(join(folder, 'a.jpg'))).toBeTruthy()
  })

  test('an export says first what is lost, then where it wrote', async () => {
    await open(`?dataset=pets&query=${encodeURIComponent('class = "cat"')}`)
    await shown('12 samples')
    await page.getByRole('button', { name: 'Export…' }).click()
    const window = dialog('Export')
    await window.getByLabel('Format').selectOption('yolo')
    await shown('Of 12 samples, this format cannot hold everything:', window)
    await window.getByRole('region', { name: 'What is lost' }).getByRole('listitem').first().waitFor()
    await window.getByLabel('Format').selectOption('folder')
    await shown('Nothing is lost: this format holds all of 12 samples.', window)
    const to = join(site.app.workspace.folder, 'exports', 'pets-folder')
    await expect.poll(() => window.getByLabel('Folder').inputValue()).toBe(to)
    await window.getByRole('button', { name: 'Export', exact: true }).click()
    await shown('Wrote 12 samples and 12 labels', window)
    await shown(to, window)
    expect((await readdir(to, { recursive: true })).filter((name) => name.endsWith('.jpg'))).toHaveLength(12)
    await window.getByRole('button', { name: 'Close' }).click()
    // A second time, the folder is there already.
    await page.getByRole('button', { name: 'Export…' }).click()
    await window.getByLabel('Format').selectOption('folder')
    const folder = window.getByLabel('Folder')
    await expect.poll(() => folder.inputValue()).toBe(`${to}-2`)
    await folder.fill(to)
    await window.getByRole('alert').waitFor()
    await expect.poll(() => window.getByRole('button', { name: 'Export', exact: true }).isDisabled()).toBe(true)
  })

  test('a click on a bar or a cell narrows the query', async () => {
    await open('?dataset=pets&tab=stats')
    await page.getByRole('button', { name: 'cat: 12', exact: true }).click()
    await page.waitForURL((url) => url.searchParams.get('query') === 'class = "cat"')
    const bySplit = page.getByRole('region', { name: 'Classes by split' })
    // Drawn anew for the narrowed query, a cell would lose the focus again.
    await settle(page)
    await bySplit.getByRole('button', { name: 'split train, class cat: 12' }).press('Enter')
    await page.waitForURL((url) => (url.searchParams.get('query') ?? '').includes('split = "train"'))
    await page.getByRole('button', { name: 'cat: 12', exact: true }).waitFor()
    await settle(page)
    const sizes = page.getByRole('region', { name: 'Picture sizes' })
    await sizes
      .getByRole('button')
      .filter({ hasNotText: /PNG|SVG|CSV/ })
      .first()
      .click()
    await page.waitForURL(/width/)
    await page.getByRole('button', { name: 'Grid' }).click()
    await shown(/^\d+ samples?$/)
    await page.locator('[role=option]').first().waitFor()
    expect(await page.locator('[role=option]').count()).toBeLessThan(12)
  })

  test('a plot is saved as PNG, SVG and CSV', async () => {
    await open('?dataset=pets&tab=stats')
    await page.getByRole('button', { name: 'cat: 12', exact: true }).waitFor()
    const save = async (kind: string): Promise<Buffer> => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: `Download Classes as ${kind}`, exact: true }).click(),
      ])
      expect(file.suggestedFilename()).toBe(`classes.${kind.toLowerCase()}`)
      return readFile(await file.path())
    }
    expect((await save('CSV')).toString('utf8')).toBe('\ufeffclass,samples\r\ndog,18\r\ncat,12\r\n')
    const [png, svg] = [await sharp(await save('PNG')).metadata(), await sharp(await save('SVG')).metadata()]
    expect([png.format, svg.format, png.width]).toEqual(['png', 'svg', 2 * svg.width])
  })

  test('the card keeps what is said of the dataset and of its classes', async () => {
    await open('?dataset=pets&tab=card')
    await page.getByRole('button', { name: 'Edit card' }).click()
    await page.getByLabel(/^Description/).fill('# Pets\n\nSeen **indoors**. <b>no tag</b>')
    await page.getByLabel('Licence').fill('CC BY 4.0')
    await page.getByLabel('Owner').fill('Ada')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { name: 'Pets', exact: true }).waitFor()
    await shown('CC BY 4.0')
    expect(await page.locator('.stats-card b').count()).toBe(0)
    await page.getByRole('button', { name: 'Edit dog' }).click()
    await page.getByRole('form', { name: 'Edit dog' }).getByLabel('Definition').fill('A dog, whatever its breed')
    await page.keyboard.press('Enter')
    await shown('A dog, whatever its breed')
    await page.getByRole('button', { name: 'Show 18 samples of dog' }).click()
    await shown('18 samples')
  })

  test.each([
    ['import', 'import…'],
    ['export', 'export…'],
  ])('the dialog has no serious fault of accessibility: %s', async (_, command) => {
    await open('?dataset=pets')
    await shown('30 samples')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).fill(command)
    await page.keyboard.press('Enter')
    if (command.startsWith('import')) {
      await dialog('Import').getByLabel('Folder or file on the server’s machine').fill(pictures)
      await page.keyboard.press('Enter')
      await shown(/· 30 files$/, dialog('Import'))
    } else await shown(/Of 30 samples|Nothing is lost/, dialog('Export'))
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      expect([scheme, await auditPage(page)]).toEqual([scheme, []])
    }
  })
})
