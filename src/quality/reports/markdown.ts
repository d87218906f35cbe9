import { describeQueryNames, type CheckResult, type Outcome, type Report } from '#contract'
import { cleanText, shortenText } from './escape.ts'
import { describeVerdict, outcomeWords } from './plain-words.ts'
import { describeCounts, describeFound, formatDuration, formatTime, formatValue, sortWorstFirst } from './words.ts'

/** GitHub refuses comments above 65 536 characters; what wraps this one needs room too. */
const mostCharacters = 60_000
const mostTableCharacters = 24_000
const mostNamed = 10
const mostQuery = 4_000

const signs: Record<Outcome, string> = { fail: '❌', error: '💥', warn: '⚠️', empty: '⬜', info: 'ℹ️', pass: '✅' }

/**
 * A report as a comment on a pull request, in GitHub's Markdown: verdict, table of the checks worst first, each check that did not
 * pass folded below it. At most 60 000 characters: what does not fit is counted, never cut in the middle.
 */
export function writeMarkdown(report: Report): string {
  const checks = sortWorstFirst(report.checks)
  const facts = [
    `dataset **${escapeInline(report.dataset, 100)}**`,
    `suite **${escapeInline(report.suite, 100)}**`,
    `${report.samples.toLocaleString('en')} samples`,
    ...(report.scope === '' ? [] : [`scope ${codeSpan(report.scope, 200)}`]),
    ...(report.against === null ? [] : [`against ${codeSpan(report.against, 200)}`]),
    ...(report.stage === null ? [] : [`stage ${report.stage}`]),
    ...(report.environment === null ? [] : [`environment ${escapeInline(report.environment, 100)}`]),
  ]
  const head = [
    `## ${report.gate && report.checks.length > 0 ? '✅' : '❌'} ${describeVerdict(report)}: ${describeCounts(report) || 'the suite is empty'}`,
    '',
    `${facts.join(' · ')}.`,
    '',
    '',
  ].join('\n')
  const foot = `<sub>${report.id} · ${formatTime(report.at)} · ${formatDuration(report.ms)}</sub>\n`

  const table = takeWhileFits(checks, writeRow, mostTableCharacters)
  const left = checks.length - table.length
  const rows =
    checks.length === 0
      ? ''
      : ['| | Check | Found | Value | Bound |', '|---|---|---:|---:|---|', ...table].join('\n') +
        (left === 0 ? '\n' : `\n\n${left.toLocaleString('en')} more checks are in the full report.\n`)

  const broken = checks.filter(({ outcome }) => outcome !== 'pass')
  const room = mostCharacters - head.length - rows.length - foot.length - 200
  const details = takeWhileFits(broken, writeDetails, room)
  const hidden = broken.length - details.length
  return [
    head,
    rows,
    ...details.map((text) => `\n${text}`),
    hidden === 0 ? '' : `\nThe details of ${hidden.toLocaleString('en')} more checks are in the full report.\n`,
    `\n${foot}`,
  ].join('')
}

function takeWhileFits(checks: readonly CheckResult[], write: (check: CheckResult) => string, most: number): string[] {
  let used = 0
  const out: string[] = []
  for (const check of checks) {
    const text = write(check)
    used += text.length + 1
    if (used > most) break
    out.push(text)
  }
  return out
}

function writeRow(check: CheckResult): string {
  const cells = [
    signs[check.outcome],
    `**${escapeInline(check.title, 100)}**<br>${escapeInline(check.message, 240)}`,
    describeFound(check),
    formatValue(check.value),
    check.bound === null ? '–' : escapeInline(check.bound, 80),
  ]
  return `| ${cells.join(' | ')} |`
}

function writeDetails(check: CheckResult): string {
  const lines = [
    '<details>',
    `<summary>${signs[check.outcome]} ${escapeTags(shortenText(check.title, 100))}: ${outcomeWords[check.outcome]}</summary>`,
    '',
    escapeInline(check.message, 1_000),
    '',
  ]
  if (check.error !== null) lines.push(fence(check.error.slice(0, 2_000)), '')
  if (check.query !== null)
    lines.push(
      check.query.length > mostQuery
        ? 'The query is too long for a comment; it is in the full report.'
        : fence(check.query),
      '',
    )
  const names = describeQueryNames(check)
  if (names !== null) lines.push(names, '')
  const named = check.findings.slice(0, mostNamed)
  if (named.length > 0) {
    lines.push('| Sample | What | Score |', '|---|---|---:|')
    for (const { path, sample, other, what, score } of named) {
      const name = escapeInline(path ?? sample ?? 'the dataset', 160)
      const pair = other === null ? '' : `<br>and ${escapeInline(other.path, 160)}`
      lines.push(`| ${name}${pair} | ${escapeInline(what, 240)} | ${formatValue(score)} |`)
    }
    if (check.found > named.length) lines.push('', `The worst ${named.length} of ${check.found.toLocaleString('en')}.`)
    lines.push('')
  }
  if (check.hint !== null) lines.push(`**What to do:** ${escapeInline(check.hint, 1_000)}`, '')
  lines.push('</details>', '')
  return lines.join('\n')
}

/**
 * Text of others inside a line or a cell of a table: markup is taken literally, and nothing in it becomes a mention (@), a reference
 * (#12) or a link of its own. GitHub looks for those after it has unescaped, so a zero-width space parts them.
 */
function escapeInline(text: string, most: number): string {
  return escapeTags(shortenText(text, most).replaceAll(/[\\`*_[\]|~$]/g, String.raw`\$&`))
}

/** The same on a line of HTML, where Markdown's own marks mean nothing. */
function escapeTags(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/@|#(?=\w)|:(?=\/\/)|\bwww(?=\.)/gi, '$&\u200b')
}

/** Text as code inside a line; the fence is longer than any run of backticks in it. */
function codeSpan(text: string, most: number): string {
  const line = shortenText(text, most)
  const ticks = '`'.repeat(longestRun(line) + 1)
  return `${ticks} ${line} ${ticks}`
}

/** Text as a block of code, whatever stands in it. */
function fence(text: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return `${ticks}\n${cleanText(text)}\n${ticks}`
}

const longestRun = (text: string): number => Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
