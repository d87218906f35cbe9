import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage, openSite, type Site } from './browser.ts'
import { hostile } from './pictures.ts'

const suite = `version: 1
suites:
  default:
    checks:
      - dark: { severity: fail }
      - exact-duplicates: { severity: fail }
      - class-balance
      - missing-labels
`

describe.skipIf(chromiumPath === undefined)('the page of checks', { timeout: 240_000 }, () => {
  let site: Site
  let browser: Browser
  let page: Page
  const faults: string[] = []
  const suiteFile = (): string => join(site.app.workspace.folder, 'fovea.checks.yaml')
  const open = async (search = ''): Promise<void> => {
    page = await openPage(browser, `${site.url}/?dataset=pets&tab=checks${search}`, faults)
  }
  const shown = (text: string | RegExp) => page.getByText(text).first().waitFor()
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const section = (title: string) => page.locator('.checks-check').filter({ hasText: title })

  beforeAll(async () => {
    site = await openSite()
    const pictures = join(site.folder, 'pictures')
    for (const [i, name] of ['cat', hostile].entries()) {
      await mkdir(join(pictures, name), { recursive: true })
      for (let n = 0; n < 12; n++)
        await sharp({
          create: { width: 90, height: 60, channels: 3, background: { r: n < 3 ? 9 : 200, g: 15 * n, b: 90 * i } },
        })
          .png()
          .toFile(join(pictures, name, `p${n}.png`))
    }
    await writeFile(join(pictures, hostile, `twin${hostile}.png`), await readFile(join(pictures, 'cat', 'p5.png')))
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
    expect(await page.evaluate('window.__hit')).toBeUndefined()
    await page.close()
    expect(faults).toEqual([])
  })

  test('offers to write a suite where there is none, then runs it', async () => {
    await open()
    await shown('No data tests yet')
    await button('Write a suite from this data').click()
    await shown('No report yet')
    expect(await readFile(suiteFile(), 'utf8')).toContain('suites:')
    await button('Run the checks').click()
    await page.getByRole('heading', { name: /The data passes|The data does not pass/ }).waitFor()
    await rm(suiteFile())
  })

  test('shows what a run found, worst first, with pictures, pairs and the way to the images', async () => {
    await writeFile(suiteFile(), suite)
    await open()
    await button('Run the checks').click()
    await page.locator('.checks-history li').nth(1).waitFor()
    await section('Balance of classes').waitFor()
    await page.waitForFunction('document.querySelectorAll(".checks-check").length === 4')
    // Until the new report is there, that of the test before is shown.
    await expect
      .poll(() => page.locator('.checks-check .checks-badge').allTextContents())
      .toEqual(['failed', 'failed', 'passed', 'passed'])

    const twins = section('Exact duplicates')
    await twins.locator('.checks-pair').first().waitFor()
    await expect.poll(() => twins.locator('.checks-pair img').count()).toBe(2)
    await expect.poll(() => twins.getByText(hostile).count()).toBeGreaterThan(0)
    expect(await page.locator('img[src="x"]').count()).toBe(0)

    await section('Dark pictures').locator('.checks-shot').first().click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    await section('Dark pictures').getByRole('button', { name: 'Show the images' }).click()
    await page.locator('[role=option]').first().waitFor()
    expect(new URL(page.url()).searchParams.get('query')).toContain('brightness')
    await page.goBack()
    await page.getByRole('heading', { name: 'The data does not pass' }).waitFor()
  })

  test('runs over what the query shows, keeps each report, and opens the one that is asked for', async () => {
    await open(`&query=${encodeURIComponent('class = "cat"')}`)
    await shown(/Only what the query shows/)
    await button('Run the checks').click()
    await shown(/where class = "cat"/)
    const history = page.locator('.checks-history button')
    await expect.poll(() => history.count()).toBe(3)
    await history.last().click()
    await page.waitForURL(/report=r_1/)
    await page.reload()
    await page.locator('.checks-history button[aria-current]').waitFor()
    await expect.poll(() => page.locator('.checks-history li').last().locator('[aria-current]').count()).toBe(1)
    await page.close()
    await open('&report=r_99')
    await shown('The report cannot be shown')
    await button('Show the newest').click()
    await shown(/where class = "cat"/)
  })

  test('gives the report away as a file that runs nothing', async () => {
    await open()
    await page.getByRole('heading', { name: 'The data does not pass' }).waitFor()
    for (const [name, ending, holds] of [
      ['HTML', 'html', 'Content-Security-Policy'],
      ['JUnit', 'xml', '<testsuites'],
      ['Markdown', 'md', '| Check |'],
      ['JSON', 'json', '"checks"'],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), button(name).click()])
      expect(download.suggestedFilename()).toMatch(new RegExp(`^default-r_\\d+\\.${ending}$`))
      const text = await readFile(await download.path(), 'utf8')
      expect(text).toContain(holds)
      if (name !== 'HTML') continue
      const file = join(site.folder, 'report.html')
      await writeFile(file, text)
      const report = await openPage(browser, `file://${file}`, faults)
      await report.getByRole('heading', { name: 'The data does not pass' }).waitFor()
      expect(await report.evaluate('window.__hit')).toBeUndefined()
      expect(await report.locator('img, script').count()).toBe(0)
      expect(await auditPage(report)).toEqual([])
      await report.close()
    }
  })

  test('says where a suite file is broken, and keeps the reports', async () => {
    await writeFile(
      suiteFile(),
      'version: 1\nsuites:\n  default:\n    checks:\n      - drak\n      - dark: { max_share: 7 }\n',
    )
    await open()
    await shown('The suites cannot be read')
    await shown('5:9')
    await shown(/drak/)
    await page.getByRole('heading', { name: 'The data does not pass' }).waitFor()
    expect(await button('Run the checks').count()).toBe(0)
    await writeFile(suiteFile(), suite)
  })

  test('is reached and used by keys', async () => {
    page = await openPage(browser, `${site.url}/?dataset=pets`, faults)
    await page.locator('[role=option]').first().waitFor()
    await page.keyboard.press('5')
    await page.getByRole('heading', { name: 'The data does not pass' }).waitFor()
    const line = section('Balance of classes').locator('h3 button')
    await line.focus()
    expect(await line.getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('Enter')
    await expect.poll(() => line.getAttribute('aria-expanded')).toBe('true')
    await section('Balance of classes').locator('.checks-facts').waitFor()
  })

  test.each(['light', 'dark'] as const)('has no serious fault of accessibility: %s', async (scheme) => {
    await open()
    await page.emulateMedia({ colorScheme: scheme })
    await page.getByRole('heading', { name: 'The data does not pass' }).waitFor()
    await page.getByText('More choices').click()
    const closed = page.locator('.checks-check h3 button[aria-expanded=false]')
    while ((await closed.count()) > 0) await closed.first().click()
    expect(await auditPage(page)).toEqual([])
  })
})
