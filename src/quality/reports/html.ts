import { createHash } from 'node:crypto'
import type { CheckResult, Report, ReportSummary } from '#contract'
import type { Evidence } from './evidence.ts'
import { writeCheck, writePassed } from './html-check.ts'
import { drawTrend } from './html-plot.ts'
import { markup, type Markup } from './markup.ts'
import { createColours } from './overlay.ts'
import { reportStyle } from './style.ts'
import { countOutcome, describeVerdict, formatNumber, outcomeWords, outcomesWorstFirst } from './plain-words.ts'
import { describeFound, formatDuration, formatTime, formatValue, sortWorstFirst } from './words.ts'

/** Nothing is fetched and nothing runs: pictures stand in the file, and of styles only the report's own holds. */
const policy = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'`,
  'img-src data:',
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ')

/** A report as one HTML file that needs no network. `earlier`: reports before this one, newest last, for the trends. */
export function writeHtml(report: Report, earlier: readonly ReportSummary[], evidence: Evidence): string {
  const checks = sortWorstFirst(report.checks)
  const broken = checks.filter(({ outcome }) => outcome !== 'pass')
  const passed = checks.filter(({ outcome }) => outcome === 'pass')
  const colourOf = createColours(evidence.labels.values(), evidence.colours)
  const numberOf = new Map(broken.map((check, i) => [check, i + 1]))
  // Figures of other samples are no trend.
  const alike = earlier.filter(({ scope, against }) => scope === report.scope && against === report.against)
  const trendOf = (check: CheckResult): Markup => drawTrend(check, alike)
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${report.dataset}: ${report.suite}, ${describeVerdict(report)}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
${drawDefinitions(evidence)}
<main>
${writeHead(report)}
<h2>Checks</h2>
${
  checks.length === 0
    ? markup`<p class="quiet">The suite has no check that applies here.</p>`
    : markup`<div class="wide"><table>
<thead><tr><th scope="col">Outcome</th><th scope="col">Check</th><th scope="col" class="number">Found</th><th scope="col" class="number">Value</th><th scope="col">Bound</th><th scope="col">Trend</th></tr></thead>
<tbody>
${checks.map((check) => writeRow(check, numberOf.get(check), trendOf(check)))}</tbody>
</table></div>`
}
${
  broken.length > 0 &&
  markup`<h2>What was found</h2>
${broken.map((check) => writeCheck(check, { number: numberOf.get(check)!, trend: trendOf(check), evidence, colourOf }))}`
}
${
  passed.some(({ plot }) => plot !== null) &&
  markup`<h2>What passed, drawn</h2>
${passed.map((check) => writePassed(check))}`
}
<footer>Report ${report.id} of fovea, made ${formatTime(report.at)} in ${formatDuration(report.ms)}. Queries select whole when clicked; put them into the query bar to see the samples.</footer>
</main>
</body>
</html>
`
  return page.markup
}

function writeHead(report: Report): Markup {
  const facts: [string, string | null][] = [
    ['Dataset', report.dataset],
    ['Suite', report.suite],
    ['Samples', formatNumber(report.samples)],
    ['Scope', report.scope === '' ? 'all samples' : report.scope],
    ['Compared with', report.against],
    ['Stage', report.stage],
    ['Environment', report.environment],
    ['Made', formatTime(report.at)],
  ]
  const counts = outcomesWorstFirst.flatMap((outcome) => {
    const count = report.checks.filter((check) => check.outcome === outcome).length
    return count === 0 ? [] : [markup`<span class="badge ${outcome}">${countOutcome(outcome, count)}</span> `]
  })
  return markup`<section class="verdict${report.gate && report.checks.length > 0 ? '' : ' stop'}">
<h1>${describeVerdict(report)}</h1>
<p class="quiet">${report.checks.length === 0 ? 'The suite has no check that applies here.' : `${formatNumber(report.checks.length)} checks over ${formatNumber(report.samples)} samples`}</p>
<div class="counts">${counts}</div>
</section>
<dl>${facts.flatMap(([name, value]) => (value === null ? [] : [markup`<div><dt>${name}</dt><dd>${value}</dd></div>`]))}</dl>`
}

function writeRow(check: CheckResult, number: number | undefined, trend: Markup): Markup {
  const title = number === undefined ? markup`${check.title}` : markup`<a href="#check-${number}">${check.title}</a>`
  return markup`<tr><td><span class="badge ${check.outcome}">${outcomeWords[check.outcome]}</span></td><td>${title}<span class="quiet">${check.message}</span></td><td class="number">${describeFound(check)}</td><td class="number">${formatValue(check.value)}</td><td class="bound">${check.bound ?? '–'}</td><td>${trend}</td></tr>
`
}

/** Each picture once, however many checks show it. */
function drawDefinitions({ pictures, labels }: Evidence): Markup {
  return markup`<svg class="defs" aria-hidden="true" focusable="false"><defs>${[...pictures].map(
    ([sample, picture]) => {
      const { width, height } = labels.get(sample) ?? picture
      return markup`<image id="picture-${sample}" width="${width}" height="${height}" preserveAspectRatio="none" href="data:${picture.mediaType};base64,${Buffer.from(picture.bytes).toString('base64')}"/>`
    },
  )}</defs></svg>`
}
