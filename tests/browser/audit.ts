import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { settle } from './browser.ts'

/** What axe calls serious or critical once the page is at rest, in words. It is run from outside, so the policy of the page need not allow it. */
export async function auditPage(page: Page): Promise<string[]> {
  await settle(page)
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', '))))`,
    awaitPromise: true,
    returnByValue: true,
  })
  return JSON.parse(String(result.value)) as string[]
}
