import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditPage } from './audit.ts'
import { chromiumPath, openBrowser, openPage, openSite, placeOf, settle, watchPage, type Site } from './browser.ts'
import { encodeRing, hostile, writePicture, writeSmallPictures } from './pictures.ts'

// What people do in the page with the mouse and the keys, over real data and a real server.
describe.skipIf(chromiumPath === undefined)('working in the page', { timeout: 240_000 }, () => {
  let site: Site
  let browser: Browser
  let page: Page
  const faults: string[] = []
  const contexts: BrowserContext[] = []
  const call = <T>(id: string, input: object): Promise<T> => site.app.call(id, input) as Promise<T>
  const count = async (query: string, dataset = 'tiles'): Promise<number> =>
    (await call<{ count: number }>('query.count', { dataset, query })).count
  const firstOf = async (query: string): Promise<string> =>
    (await call<{ rows: { id: string }[] }>('query.run', { dataset: 'odd', query })).rows[0]!.id
  const address = (parts: Record<string, string>): string => `${site.url}/?${new URLSearchParams(parts).toString()}`
  const open = async (parts: Record<string, string>): Promise<void> => {
    page = await openPage(browser, address(parts), faults)
  }
  const tiles = () => page.locator('[role=option]:visible')
  const shown = (text: string | RegExp, on = page) => on.getByText(text).first().waitFor()
  const queryOf = (on = page): string => new URL(on.url()).searchParams.get('query') ?? ''
  const fieldBars = (field: string) => page.getByRole('img', { name: new RegExp(`^${field}: `) })
  const underQuery = async (field: string): Promise<number> =>
    Number(/([\d,]+) under the query/.exec((await fieldBars(field).getAttribute('aria-label')) ?? '')?.[1])

  beforeAll(async () => {
    site = await openSite()
    const at = (...parts: string[]): string => join(site.folder, 'data', ...parts)
    await call('demo.make', { to: at('tiles'), tiles: 9 })
    await writeSmallPictures(at('many'), 1_000)
    await writePicture(at('odd', 'huge', 'huge.jpg'), 9_000, 7_000)
    await writePicture(at('odd', 'lost', 'lost.jpg'), 640, 480)
    await writePicture(at('odd', hostile, `${hostile}.jpg`), 320, 200)
    await call('dataset.import', { path: at('tiles'), dataset: 'tiles' })
    await call('dataset.import', { path: at('many'), dataset: 'many' })
    await call('dataset.import', { path: at('odd'), dataset: 'odd' })
    await writeFile(at('ring.npy'), encodeRing(await count('')))
    await call('spaces.import', { path: at('ring.npy'), dataset: 'tiles', space: 'ring' })
    await call('spaces.map', { dataset: 'tiles', space: 'ring', method: 'pca' })
    browser = await openBrowser()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })
  beforeEach(() => {
    faults.length = 0
  })
  afterEach(async () => {
    await page.close()
    for (const context of contexts.splice(0)) await context.close()
    expect(faults).toEqual([])
  })

  test('a version is shown as it was, and cannot be changed', async () => {
    await call('versions.commit', { dataset: 'tiles', message: `before ${hostile}` })
    const { change } = await call<{ change: string }>('sample.tag', {
      dataset: 'tiles',
      query: 'limit 3',
      tags: ['later'],
    })
    await open({ dataset: 'tiles' })
    await page.getByRole('button', { name: 'Tag…', exact: true }).waitFor()
    await page.getByLabel('Dataset', { exact: true }).selectOption('tiles@v1')
    await shown('read only')
    await shown(`${await count('')} matches`)
    expect(new URL(page.url()).searchParams.get('dataset')).toBe('tiles@v1')
    expect(await page.getByRole('button', { name: 'Tag…', exact: true }).count()).toBe(0)
    expect(await count('tag:later')).toBe(3)
    expect(await auditPage(page)).toEqual([])
    await tiles().first().dblclick()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByLabel('Dataset', { exact: true }).selectOption('tiles')
    await shown('later')
    await call('history.undo', { change })
  })

  test('a brush over a histogram writes itself into the query and narrows everything else', async () => {
    await open({ dataset: 'tiles' })
    const all = await count('')
    await expect.poll(() => underQuery('contrast')).toBe(all)
    await expect.poll(() => underQuery('brightness')).toBe(all)
    await settle(page)
    const box = await placeOf(fieldBars('brightness'))
    const y = box.y + box.height / 2
    await page.mouse.move(box.x + box.width * 0.2, y)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.4, y, { steps: 3 })
    await page.mouse.move(box.x + box.width * 0.6, y, { steps: 3 })
    await page.mouse.up()
    await page.waitForURL(/brightness/)
    expect(queryOf()).toMatch(/^brightness >= 0\.\d+ and brightness <= 0\.\d+$|^brightness in 0\.\d+\.\.0\.\d+$/)
    const found = await count(queryOf())
    expect(found).toBeGreaterThan(0)
    expect(found).toBeLessThan(all)
    await shown(`${found} samples`)
    await expect.poll(() => underQuery('contrast')).toBe(found)
    await expect.poll(() => page.getByRole('combobox', { name: 'Query' }).inputValue()).toBe(queryOf())
    await page.getByRole('button', { name: 'Clear the range of brightness' }).click()
    await shown(`${all} samples`)
    await expect.poll(() => queryOf()).toBe('')
  })

  test('a lasso on the map selects what it encloses, which can be tagged, undone and done again', async () => {
    await open({ dataset: 'tiles', tab: 'map' })
    await shown(/\d+ points/)
    await page.getByRole('button', { name: 'Lasso' }).click()
    await settle(page)
    const box = await placeOf(page.locator('.map canvas').last())
    const [cx, cy] = [box.x + box.width / 2, box.y + box.height / 2]
    // The right half of the ring.
    await page.mouse.move(cx, box.y + 4)
    await page.mouse.down()
    for (const [x, y] of [
      [box.x + box.width - 4, box.y + 4],
      [box.x + box.width - 4, box.y + box.height - 4],
      [cx, box.y + box.height - 4],
      [cx, cy],
    ] as const)
      await page.mouse.move(x, y, { steps: 4 })
    await page.mouse.up()
    await shown(/\d+ selected/)
    const selected = Number(/(\d+) selected/.exec(await page.locator('[aria-label=Actions]').innerText())![1])
    const all = await count('')
    expect(selected).toBeGreaterThan(all / 4)
    expect(selected).toBeLessThan((all * 3) / 4)

    // The line itself goes when the button is let go.
    await expect.poll(() => countPainted(page, '.map-overlay')).toBeLessThan(10)

    await page.locator('[data-tool=tag]').click()
    await typeText(page, 'right side')
    await page.keyboard.press('Enter')
    await shown(`Tagged ${selected} samples`)
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await count('tag:"right side"')).toBe(selected)
    await page.keyboard.press('Control+z')
    await shown(/Undone: Tagged/)
    expect(await count('tag:"right side"')).toBe(0)
    await page.keyboard.press('Control+Shift+Z')
    await shown(/Done again/)
    expect(await count('tag:"right side"')).toBe(selected)
    await call('history.undo', { dataset: 'tiles' })
  })

  test('a job that is cancelled leaves nothing behind', async () => {
    // A minute of work, and less than an import writes at once.
    const path = join(site.folder, 'workspace', 'long')
    await mkdir(path)
    const huge = await readFile(join(site.folder, 'data', 'odd', 'huge', 'huge.jpg'))
    for (let i = 0; i < 60; i++) await writeFile(join(path, `${i}.jpg`), Buffer.concat([huge, Buffer.of(i)]))
    await open({ dataset: 'tiles' })
    await shown(/\d+ samples/)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).fill('dataset.import')
    await page.getByRole('option', { name: /dataset\.import/ }).click()
    await page.getByLabel('path *').fill(path)
    await page.getByLabel('dataset', { exact: true }).fill('cancelled')
    await page.getByRole('button', { name: 'Start' }).click()
    const jobs = page.getByRole('complementary', { name: 'Jobs' })
    await jobs.getByRole('button', { name: 'Cancel' }).first().click()
    await jobs.getByText('cancelled', { exact: true }).first().waitFor()
    await jobs
      .getByRole('button', { name: /Resume|Run again/ })
      .first()
      .waitFor()
    const { datasets } = await call<{ datasets: { name: string; samples: number }[] }>('dataset.list', {})
    expect(datasets.find(({ name }) => name === 'cancelled')?.samples ?? 0).toBe(0)
    await rm(path, { recursive: true })
  })

  test('a dataset that is being imported grows under the eyes, and what is looked at stays where it is', async () => {
    const path = join(site.folder, 'data', 'growing')
    await writeSmallPictures(path, 400, 10_000)
    await call('dataset.import', { path, dataset: 'growing' })
    await open({ dataset: 'growing', zoom: '60', query: 'width = 20' })
    await shown('400 samples')
    await page.locator('.grid-scroller').evaluate((element) => element.scrollTo(0, 500))
    await settle(page)
    const here = await topTile(page)
    await writeSmallPictures(path, 400, 11_000)
    await call('dataset.import', { path, dataset: 'growing' })
    await shown('800 samples')
    await settle(page)
    expect(await topTile(page)).toEqual(here)
    expect(queryOf()).toBe('width = 20')
  })

  test('a thousand broken pictures each say so, and the page goes on', async () => {
    const folder = join(site.folder, 'data', 'many')
    await rm(site.app.workspace.thumbnails, { recursive: true })
    await mkdir(site.app.workspace.thumbnails)
    for (let i = 0; i < 1_000; i++) await truncate(join(folder, `p${String(i).padStart(5, '0')}.png`), 40)
    await open({ dataset: 'many', zoom: '40' })
    await shown('1,000 samples')
    const failed = page.locator('[role=option][aria-label$="picture cannot be shown"]:visible')
    await expect.poll(() => tiles().count()).toBeGreaterThan(100)
    await expect.poll(async () => (await failed.count()) - (await tiles().count())).toBe(0)
    await page.keyboard.press('End')
    await page.locator('[role=option][aria-label^="s_"][aria-posinset="1000"]').waitFor()
    await page.keyboard.press('Enter')
    await shown('The file cannot be read as a picture')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('an error in a query is shown at its place; a query that finds nothing says so', async () => {
    await open({ dataset: 'tiles' })
    await shown(/\d+ samples/)
    await settle(page)
    const all = await tiles().count()
    await page.keyboard.press('/')
    await typeText(page, 'width > 3 and hieght < 5')
    await shown(/the nearest is "height"/)
    const wrong = page.locator('.query-wrong')
    expect((await wrong.allInnerTexts()).join('')).toBe('hieght')
    expect(await page.getByRole('combobox', { name: 'Query' }).getAttribute('aria-invalid')).toBe('true')
    // What was there stays until the query is one.
    expect(queryOf()).not.toContain('hieght')
    expect(await tiles().count()).toBe(all)
    await page.keyboard.press('Escape')
    await page.getByRole('combobox', { name: 'Query' }).fill('width > 90000')
    await page.keyboard.press('Enter')
    await shown(/No sample matches/)
    await expect.poll(() => tiles().count()).toBe(0)
    await page.getByRole('button', { name: 'Clear the query' }).first().click()
    await shown(`${await count('')} samples`)
  })

  test('an address holds the whole view', async () => {
    await open({ dataset: 'tiles' })
    await shown(/\d+ samples/)
    await page.getByRole('button', { name: 'Objects' }).click()
    await page.waitForURL(/tiles=objects/)
    await page.getByRole('button', { name: 'Squares' }).click()
    await page.waitForURL(/layout=square/)
    await page.getByLabel('Group').selectOption('class')
    await page.waitForURL(/group=class/)
    await settle(page)
    await page
      .getByRole('button', { name: /^crack/ })
      .first()
      .click({ modifiers: ['Alt'] })
    await page.waitForURL(({ searchParams }) => (searchParams.get('query') ?? '').includes('crack'))
    await page.getByRole('button', { name: 'Exclude free' }).last().click()
    await page.waitForURL(({ searchParams }) => (searchParams.get('query') ?? '').includes('free'))
    await page.keyboard.press('-')
    await page.waitForURL(/zoom=/)
    const look = async (on: Page): Promise<unknown> => {
      await on.locator('.grid-heading').first().waitFor()
      await settle(on)
      return {
        headings: await on.locator('.grid-heading:visible').allInnerTexts(),
        tiles: await on
          .locator('[role=option]:visible')
          // Elements are used again, so their order says nothing.
          .evaluateAll((all) =>
            all.map((one) => `${one.title} ${one.style.left} ${one.style.top} ${one.style.width}`).toSorted(),
          ),
        pressed: await on.locator('[aria-pressed=true]').allInnerTexts(),
        query: await on.getByRole('combobox', { name: 'Query' }).inputValue(),
      }
    }
    const before = await look(page)
    const seen = page.url()
    await page.reload()
    await expect.poll(() => look(page)).toEqual(before)
    const other = await openPage(browser, seen, faults)
    await expect.poll(() => look(other)).toEqual(before)
    await other.close()
  })

  test('names that hold markup are text wherever they stand', async () => {
    await call('sample.tag', { dataset: 'odd', query: `class = "${hostile}"`, tags: [hostile] })
    await call('slice.save', { dataset: 'odd', name: 'marked', query: `class = "${hostile}"` })
    const sample = await firstOf(`class = "${hostile}"`)
    await open({ dataset: 'odd' })
    for (const parts of [
      {},
      { group: 'class' },
      { tab: 'map' },
      { tab: 'stats' },
      { tab: 'card' },
      { sample },
      { query: `tag:"${hostile}"` },
    ] as Record<string, string>[]) {
      await page.goto(address({ dataset: 'odd', ...parts }))
      await shown(hostile)
      await page.waitForTimeout(250)
      expect([parts, await page.locator('img[src="x"]').count(), await hitOf(page)]).toEqual([parts, 0, undefined])
    }
  })

  test('a huge picture and a file that has gone are both stood', async () => {
    await open({ dataset: 'odd', sample: await firstOf('class = "huge"') })
    await shown(/9,?000 × 7,?000/)
    await page.locator('.sample-waiting, .sample-coming').waitFor({ state: 'detached' })
    expect(await page.getByRole('alert').count()).toBe(0)
    for (const key of ['1', '0', '+', '+']) await page.keyboard.press(key)
    await page.close()
    await rm(join(site.folder, 'data', 'odd', 'lost', 'lost.jpg'))
    await open({ dataset: 'odd', sample: await firstOf('class = "lost"') })
    await shown('The file is not where it was')
    await page.getByRole('button', { name: 'Tag as missing' }).click()
    await shown('Tagged missing')
    expect(await count('tag:missing', 'odd')).toBe(1)
  })

  test('everything between two samples and back goes by the keys alone', async () => {
    await open({ dataset: 'tiles' })
    await tiles().first().waitFor()
    await page.keyboard.press('Tab')
    await expect.poll(() => focusOf(page)).toMatchObject({ text: 'Skip to the samples', hasOutline: true })
    await page.keyboard.press('Enter')
    await expect.poll(() => focusOf(page)).toMatchObject({ role: 'listbox' })
    await expect.poll(() => hasRing(page)).toBe(true)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Sample s_2' }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('dialog', { name: 'Sample s_3' }).waitFor()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('dialog', { name: 'Sample s_4' }).waitFor()
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('dialog', { name: 'Sample s_3' }).waitFor()
    await page.keyboard.press('t')
    await expect.poll(() => focusOf(page)).toMatchObject({ id: 'sample-add-tag', hasOutline: true })
    await page.keyboard.type('by keys')
    await page.keyboard.press('Enter')
    await expect.poll(() => count('tag:"by keys" and id = s_3')).toBe(1)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => focusOf(page)).toMatchObject({ role: 'listbox' })
    await expect.poll(() => page.locator('.is-active').getAttribute('title')).toBe('s_3')
    await expect.poll(() => hasRing(page)).toBe(true)
    await page.keyboard.press('Control+z')
    await expect.poll(() => count('tag:"by keys"')).toBe(0)
  })

  test('two people see what the other does, and nobody is moved', async () => {
    const enter = async (name: string, parts: Record<string, string>): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
      contexts.push(context)
      const made = await context.newPage()
      made.setDefaultTimeout(90_000)
      watchPage(made, faults)
      await made.goto(address({ dataset: 'tiles', ...parts }))
      await made.locator('summary', { hasText: /^You$/ }).click()
      await made.getByLabel('You are').fill(name)
      await made.keyboard.press('Enter')
      await made.locator('summary', { hasText: name }).waitFor()
      return made
    }
    page = await enter('Ada', { query: 'class = "free"' })
    const other = await enter(hostile, { zoom: '60', query: 'split is missing order by path' })
    const all = await count('')
    const free = await count('class = "free"')
    await shown(`${all} samples`, other)
    const [adas, others] = [page.url(), other.url()]

    await page.locator('[data-tool=split]').click()
    await typeText(page, 'val')
    await page.keyboard.press('Enter')
    await shown(new RegExp(`Set split of ${free} samples`))
    await shown(`${all - free} samples`, other)
    expect([page.url(), other.url()]).toEqual([adas, others])

    await other.locator('[data-tool=tag]').click()
    await typeText(other, 'checked')
    await other.keyboard.press('Enter')
    await expect.poll(() => count('tag:checked')).toBe(all - free)
    const { changes } = await call<{ changes: { actor: string }[] }>('history.list', { dataset: 'tiles', limit: 2 })
    expect(changes.map(({ actor }) => actor)).toEqual(['<img src=x onerror=window.__hit=1> (local)', 'Ada (local)'])
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // Each takes back what is their own, though it is not the last.
    await page.keyboard.press('Control+z')
    await shown(/Undone: Set split/)
    await shown(`${all} samples`, other)
    expect(await count('tag:checked')).toBe(all - free)
    await page.keyboard.press('Control+z')
    await shown('None of the last changes was made by Ada.')
    await tiles().first().dblclick()
    await page.getByRole('button', { name: 'History' }).click()
    await shown(/Ada \(local\)/)
    await shown(new RegExp(`${hostile} \\(local\\)`))
    expect(await hitOf(page)).toBeUndefined()
  })
})

/** Pixels of a canvas that are not clear. */
function countPainted(page: Page, canvas: string): Promise<number> {
  return page.locator(canvas).evaluate((element) => {
    const { width, height } = element as unknown as { width: number; height: number }
    const { data } = element.getContext('2d').getImageData(0, 0, width, height)
    let painted = 0
    for (let at = 3; at < data.length; at += 4) if (data[at] > 0) painted++
    return painted
  })
}

/** What markup that ran would have left. */
const hitOf = (page: Page): Promise<unknown> => page.evaluate(() => Reflect.get(globalThis, '__hit') as unknown)

/** Types once there is something to type into: keys are commands elsewhere. */
async function typeText(page: Page, text: string): Promise<void> {
  await page.locator('input:focus, textarea:focus, [role=combobox]:focus').waitFor()
  await page.keyboard.type(text)
}

/** What has the focus, and whether that can be seen. */
function focusOf(page: Page): Promise<{ role: string | null; id: string; text: string; hasOutline: boolean }> {
  return page.locator(':focus').evaluate((focused) => {
    const { outlineStyle, outlineWidth } = focused.ownerDocument.defaultView!.getComputedStyle(focused)
    return {
      role: focused.getAttribute('role'),
      id: focused.id,
      text: focused.textContent ?? '',
      hasOutline: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1,
    }
  })
}

/** Whether the tile that the keys are at wears the ring of the focus. */
function hasRing(page: Page): Promise<boolean> {
  return page
    .locator('.grid-tile.is-active')
    .evaluate((tile) => tile.ownerDocument.defaultView!.getComputedStyle(tile, '::after').borderTopWidth === '3px')
}

/** The first tile on the screen and where it stands. */
async function topTile(page: Page): Promise<{ title: string; top: number }> {
  const edge = (await page.locator('.grid-frame').boundingBox())!.y
  const places = await page
    .locator('.grid-tile:not([hidden])')
    .evaluateAll((all) => all.map((tile) => ({ title: tile.title, top: Math.round(tile.getBoundingClientRect().top) })))
  return places.filter(({ top }) => top >= edge).toSorted((a, b) => a.top - b.top || (a.title < b.title ? -1 : 1))[0]!
}
