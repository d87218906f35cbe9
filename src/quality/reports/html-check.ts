import { describeQueryNames, type CheckResult, type Finding } from '#contract'
import { shortenText } from './escape.ts'
import type { Evidence } from './evidence.ts'
import { drawPlot } from './html-plot.ts'
import { markup, type Markup } from './markup.ts'
import { drawOverlay, type ColourOf } from './overlay.ts'
import { formatNumber, outcomeWords } from './plain-words.ts'
import { describeFound, formatValue } from './words.ts'

const mostFindings = 24
const shownPx = { width: 220, height: 150 }

interface Shown {
  evidence: Evidence
  colourOf: ColourOf
}

/** A check that did not pass: what was found, how to find it again, the worst of it. */
export function writeCheck(
  check: CheckResult,
  { number, trend, evidence, colourOf }: Shown & { number: number; trend: Markup },
): Markup {
  const findings = check.findings.slice(0, mostFindings)
  const names = describeQueryNames(check)
  return markup`<section class="check" id="check-${number}">
<header><span class="badge ${check.outcome}">${outcomeWords[check.outcome]}</span><h3>${check.title}</h3><code class="quiet">${check.id === check.check ? check.id : `${check.id} (${check.check})`}</code></header>
<div>
<p class="message">${check.message}</p>
${check.error !== null && markup`<div class="error"><span class="part">Why it could not be done</span><pre>${check.error}</pre></div>`}
<dl class="figures"><div><dt>Found</dt><dd>${describeFound(check)}</dd></div><div><dt>Value</dt><dd>${formatValue(check.value)}</dd></div>${
    check.bound !== null && markup`<div><dt>Bound</dt><dd>${check.bound}</dd></div>`
  }<div><dt>Trend</dt><dd>${trend}</dd></div></dl>
${check.query !== null && markup`<div class="query"><span>Query that finds them again</span><pre><code>${check.query}</code></pre>${names !== null && markup`<p class="quiet">${names}</p>`}</div>`}
${check.hint !== null && markup`<p class="hint">${check.hint}</p>`}
${drawPlot(check.plot)}
${
  findings.length > 0 &&
  markup`<span class="part">${describeShown(check, findings.length)}</span>
<ul class="shots">${findings.map((finding) => writeFinding(finding, { evidence, colourOf }))}</ul>`
}
</div>
</section>
`
}

const describeShown = ({ found }: CheckResult, shown: number): string =>
  found > shown
    ? `The worst ${shown} of ${formatNumber(found)}`
    : shown === 1
      ? 'The finding'
      : `All ${shown}, the worst first`

/** A check that passed, folded, when it drew something. */
export function writePassed(check: CheckResult): Markup {
  const plot = drawPlot(check.plot)
  if (plot === undefined) return markup``
  return markup`<details><summary>${check.title}</summary><p>${check.message}</p>${plot}</details>
`
}

function writeFinding(finding: Finding, shown: Shown): Markup {
  const { sample, path, label, other, score, what } = finding
  const scored = score !== null && markup`<span class="score">${formatNumber(score)}</span>`
  const says = markup`<div class="says">${scored}<b>${path === null ? (sample ?? 'The dataset') : shortenText(path, 120)}</b>${
    other !== null && markup`<b>${shortenText(other.path, 120)}</b>`
  }<span class="quiet">${shortenText(what, 300)}</span>${sample !== null && nameClasses(sample, shown)}</div>`
  if (sample === null) return markup`<li class="text">${says}</li>`
  return markup`<li class="${other === null ? 'one' : 'pair'}"><div class="pictures">${drawShot(sample, path ?? sample, label, shown)}${
    other !== null && drawShot(other.sample, other.path, null, shown)
  }</div>${says}</li>`
}

/** A small picture with the labels drawn over it. */
function drawShot(sample: string, path: string, label: string | null, { evidence, colourOf }: Shown): Markup {
  const picture = evidence.pictures.get(sample)
  if (picture === undefined) return markup`<div class="gone">no picture of ${sample} here</div>`
  const labels = evidence.labels.get(sample)
  const { width, height } = labels ?? picture
  const heightPx = Math.max(1, Math.round(Math.min(shownPx.height, (shownPx.width * height) / width)))
  const widthPx = Math.max(1, Math.round((heightPx * width) / height))
  return markup`<div><svg width="${widthPx}" height="${heightPx}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${shortenText(path, 120)}"><use href="#picture-${sample}"/>${
    labels !== undefined && drawOverlay(labels, label, colourOf, (height / heightPx) * 12)
  }</svg></div>`
}

/** The classes that a picture as a whole was given, by layer. */
function nameClasses(sample: string, { evidence }: Shown): Markup | false {
  const named = (evidence.labels.get(sample)?.layers ?? []).flatMap(({ layer, labels }) => {
    const names = [...new Set(labels.filter(({ kind }) => kind === 'class').map((label) => label.class))]
    return names.length === 0 ? [] : [`${layer}: ${names.slice(0, 6).join(', ')}`]
  })
  return named.length > 0 && markup`<br>${shortenText(named.join(' · '), 160)}`
}
