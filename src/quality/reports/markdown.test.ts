import { describe, expect, test } from 'vitest'
import type { CheckResult, Outcome } from '#contract'
import { makeCheck, makeDeps, makeFinding, makeReport } from './testing.ts'
import { outcomesWorstFirst } from './plain-words.ts'
import { writeReport } from './write.ts'

const write = async (checks: CheckResult[], change = {}): Promise<string> =>
  (await writeReport(makeReport(checks, change), 'markdown', makeDeps())).text

describe('Markdown', () => {
  test('is a verdict, a table worst first, and what did not pass folded', async () => {
    const text = await write([
      makeCheck({ title: 'Blurry pictures' }),
      makeCheck({
        outcome: 'fail',
        message: '30 pictures are dark.',
        value: 0.025,
        found: 30,
        query: 'brightness < 0.32',
        hint: 'Look at the lamp.',
        findings: [makeFinding()],
      }),
    ])
    expect(text).toBe(`## ❌ The data does not pass: 1 failed, 1 passed

dataset **tiles** · suite **default** · 1,344 samples.

| | Check | Found | Value | Bound |
|---|---|---:|---:|---|
| ❌ | **Dark pictures**<br>30 pictures are dark. | 30 of 1,200 samples | 0.025 | ≤ 0.02 |
| ✅ | **Blurry pictures**<br>No picture is too dark. | 0 of 1,200 samples | 0 | ≤ 0.02 |

<details>
<summary>❌ Dark pictures: failed</summary>

30 pictures are dark.

\`\`\`
brightness < 0.32
\`\`\`

| Sample | What | Score |
|---|---|---:|
| a/1.jpg | is dark | 0.25 |

The worst 1 of 30.

**What to do:** Look at the lamp.

</details>

<sub>r_7 · 2026-03-04 05:06 UTC · 1.2 s</sub>
`)
  })

  test.each(outcomesWorstFirst)('tells the outcome %s', async (outcome: Outcome) => {
    const text = await write([makeCheck({ outcome, error: outcome === 'error' ? 'the disk is gone' : null })])
    expect(text.includes('<details>')).toBe(outcome !== 'pass')
    expect(text.startsWith(outcome === 'fail' || outcome === 'error' ? '## ❌' : '## ✅')).toBe(true)
    expect(text.includes('the disk is gone')).toBe(outcome === 'error')
  })

  test('takes names literally: no markup, cell, mention, reference or link comes of them', async () => {
    const name = '</details><img src=x>|a`b`**c**[x](y)\n# h @team #12 https://evil.example www.evil.example'
    const text = await write(
      [makeCheck({ outcome: 'fail', title: name, message: name, findings: [makeFinding({ path: name, what: name })] })],
      { dataset: name },
    )
    const outside = text.replaceAll(/^(`{3,})[^]*?^\1$/gm, '')
    expect(outside).not.toContain('<img')
    expect(outside.match(/<\/details>/g)).toHaveLength(1)
    expect(outside).not.toMatch(/@team|#12|https:\/\/evil|www\.evil/)
    // Between tags of HTML, Markdown's marks are text by themselves.
    const marked = outside.replaceAll(/^<summary>.*$/gm, '')
    expect(marked).not.toMatch(/(?<!\\)`/)
    expect(outside).toContain('<summary>❌ &lt;/details&gt;&lt;img src=x&gt;|a`b`**c**[x](y) # h')
    for (const row of outside.split('\n').filter((line) => line.startsWith('| ')))
      expect(row.match(/(?<!\\)\|/g)!.length).toBe(row.startsWith('| ❌') || row.includes('Check') ? 6 : 4)
  })

  test('fences queries whatever stands in them', async () => {
    const query = 'path:"```` x"\n```\n<b>'
    const text = await write([makeCheck({ outcome: 'fail', query })])
    expect(text).toContain(`\`\`\`\`\`\n${query}\n\`\`\`\`\``)
  })

  test('never grows beyond a comment, and counts what it leaves out', async () => {
    const long = 'x'.repeat(5_000)
    const checks = Array.from({ length: 400 }, (_, i) =>
      makeCheck({
        id: `c${i}`,
        title: `check ${i}`,
        outcome: 'fail',
        message: long,
        query: long.slice(0, 3_900),
        findings: Array.from({ length: 24 }, () => makeFinding({ what: long, path: long })),
      }),
    )
    const text = await write(checks, { scope: long, suite: long })
    expect(text.length).toBeLessThanOrEqual(60_000)
    expect(text.length).toBeGreaterThan(40_000)
    const rows = text.match(/^\| ❌/gm)!.length
    expect(text).toContain(`${400 - rows} more checks are in the full report.`)
    const folded = text.match(/<details>/g)!.length
    expect(text).toContain(`The details of ${400 - folded} more checks`)
    expect(text.match(/<\/details>/g)).toHaveLength(folded)
  })

  test('leaves a query out that would fill the comment', async () => {
    const text = await write([makeCheck({ outcome: 'fail', query: 'y'.repeat(5_000) })])
    expect(text).not.toContain('yyyy')
    expect(text).toContain('too long for a comment')
  })
})
