import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage, openSite, type Site } from './browser.ts'

const hostile = '<img src=x onerror=alert(1)>'
if (chromiumPath === undefined)
  process.stderr.write('\nBROWSER TESTS SKIPPED: there is no Chromium. Install it with: apt-get install chromium\n\n')

describe.skipIf(chromiumPath === undefined)('the page', { timeout: 240_000 }, () => {
  let site: Site
  let browser: Browser
  let page: Page
  const faults: string[] = []
  const count = async (query: string): Promise<number> =>
    ((await site.app.call('query.count', { dataset: 'pets', query })) as { count: number }).count
  const open = async (search: string): Promise<void> => {
    page = await openPage(browser, `${site.url}/${search}`, faults)
  }
  const tiles = () => page.locator('[role=option]')
  const tile = (id: string) => page.locator(`[role=option][title="${id}"]`)
  const expectTiles = () => expect.poll(() => tiles().count()).toBeGreaterThan(20)
  const shown = (text: string | RegExp) => page.getByText(text).first().waitFor()

  beforeAll(async () => {
    site = await openSite()
    const pictures = join(site.folder, 'pictures')
    for (const [i, name] of ['cat', 'dog', hostile.replaceAll('/', '')].entries()) {
      await mkdir(join(pictures, name), { recursive: true })
      for (let n = 0; n < 40; n++)
        await sharp({
          create: { width: 60 + (n % 7) * 10, height: 60, channels: 3, background: { r: 80 * i, g: 5 * n, b: 120 } },
        })
          .jpeg()
          .toFile(join(pictures, name, `p${n}.jpg`))
    }
    await site.app.call('dataset.import', { path: pictures, dataset: 'pets' })
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

  test('shows every sample of the first dataset, and names as text alone', async () => {
    await open('')
    await shown('120 samples')
    await expectTiles()
    await page.waitForURL(/dataset=pets/)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    await page.close()
    await open(`?dataset=pets&query=${encodeURIComponent(`class = "${hostile}"`)}`)
    await shown('40 samples')
  })

  test('shows what its address says, and the same after a reload', async () => {
    await open(`?dataset=pets&query=${encodeURIComponent('class = "cat" and width > 100')}&layout=square&zoom=90`)
    const wide = await count('class = "cat" and width > 100')
    await shown(`${wide} samples`)
    await expect.poll(() => tiles().count()).toBe(wide)
    await page.reload()
    await expect.poll(() => tiles().count()).toBe(wide)
  })

  test('says what is wrong with a query, and what to do', async () => {
    await open(`?dataset=pets&query=${encodeURIComponent('widht > 3')}`)
    await shown(/the nearest is "width"/)
    await page.close()
    await open('?dataset=pets&query=width+%3E+9000')
    await shown(/No sample matches/)
    await page.close()
    await open('?dataset=gone')
    await shown(/no dataset/i)
    expect(await tiles().count()).toBe(0)
  })

  test('undoes and redoes with the keys', async () => {
    await open('?dataset=pets')
    await shown('120 samples')
    await site.app.call('sample.tag', { dataset: 'pets', query: 'class = "dog"', tags: ['seen'] })
    expect(await count('tag:seen')).toBe(40)
    await page.keyboard.press('Control+z')
    await shown(/Undone: Tagged/)
    expect(await count('tag:seen')).toBe(0)
    await page.keyboard.press('Control+Shift+Z')
    await shown(/Done again/)
    expect(await count('tag:seen')).toBe(40)
    await site.app.call('history.undo', {})
  })

  test('follows what others change without moving', async () => {
    await open('?dataset=pets&query=split%3D%22val%22&zoom=60')
    await shown(/No sample matches/)
    await site.app.call('sample.set', { dataset: 'pets', query: 'class = "dog"', field: 'split', value: 'val' })
    await shown('40 samples')
    await expectTiles()
    await site.app.call('history.undo', {})
  })

  test('finds the server again after it was gone', async () => {
    await open('?dataset=pets')
    await shown('120 samples')
    await expectTiles()
    await site.restart(async () => {
      await shown(/The server does not answer/)
      await expectTiles()
    })
    await page.getByText(/The server does not answer/).waitFor({ state: 'detached' })
    await site.app.call('sample.tag', { dataset: 'pets', query: 'class = "cat"', tags: ['after'] })
    expect(await count('tag:after')).toBe(40)
    await site.app.call('history.undo', {})
  })

  test('selects with the mouse and the keys, and opens a sample', async () => {
    await open('?dataset=pets')
    await tile('s_1').click()
    await shown(/^1 selected/)
    await tile('s_5').click({ modifiers: ['Shift'] })
    await shown(/^5 selected/)
    await tile('s_3').click({ modifiers: ['Control'] })
    await shown(/^4 selected/)
    await tile('s_2').dblclick()
    await page.getByRole('dialog').waitFor()
    await page.waitForURL(/sample=s_2/)
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/sample=s_3/)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.goBack()
    await page.waitForURL(/sample=s_/)
    expect(page.url()).toMatch(/sample=s_[23]\b/)
  })

  test('stands pictures that cannot be shown', async () => {
    await open('?dataset=pets&zoom=60')
    await shown('120 samples')
    await page.route('**/thumb/*', (route) => route.fulfill({ status: 500, body: 'broken' }))
    await page.reload()
    await shown('120 samples')
    await page.locator('[aria-label*="cannot be shown"]').first().waitFor()
    await page.mouse.move(700, 500)
    await page.mouse.wheel(0, 3_000)
    await page.locator('[aria-label*="cannot be shown"]').first().waitFor()
    await expectTiles()
  })

  test.each([
    ['grid', ''],
    ['sample', '&sample=s_2'],
    ['map', '&tab=map'],
    ['statistics', '&tab=stats'],
    ['card', '&tab=card'],
  ])('has no serious fault of accessibility: %s', async (_, search) => {
    for (const scheme of ['light', 'dark'] as const) {
      await open(`?dataset=pets${search}`)
      await page.emulateMedia({ colorScheme: scheme })
      const found = await auditPage(page)
      expect([scheme, found]).toEqual([scheme, []])
      if (scheme === 'light') await page.close()
    }
  })
})
