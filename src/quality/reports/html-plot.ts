import type { CheckPlot, CheckResult, ReportSummary } from '#contract'
import { markup, type Markup } from './markup.ts'
import { arrangePlot, arrangeTrend, type PlotText } from './plot-drawing.ts'
import { formatNumber, outcomeWords } from './plain-words.ts'
import { formatTime } from './words.ts'

const mostInTrend = 30

/** A check's plot as SVG with its key. Nothing when there is nothing to draw. */
export function drawPlot(plot: CheckPlot | null): Markup | undefined {
  const drawing = plot === null ? undefined : arrangePlot(plot)
  if (plot === null || drawing === undefined) return undefined
  const write = ({ x, y, anchor, text }: PlotText, kind = ''): Markup =>
    markup`<text x="${x}" y="${y}" text-anchor="${anchor}" class="${kind}">${text}</text>`
  const title = drawing.isShare ? `${plot.title} (shares)` : plot.title
  return markup`<figure class="plot"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${drawing.width} ${drawing.height}" role="img" aria-label="${describePlot(plot)}">${drawing.bars.map(
    ({ x, y, width, height, says }) =>
      markup`<rect class="bar" x="${x}" y="${y}" width="${width}" height="${height}"><title>${says}</title></rect>`,
  )}<path class="axis" d="${drawing.axis}"/>${
    drawing.reference !== null && markup`<path class="reference" d="${drawing.reference}"/>`
  }${drawing.marks.map(({ path, label }) => markup`<path class="mark" d="${path}"/>${write(label, 'limit')}`)}${drawing.texts.map(
    (text) => write(text),
  )}</svg>${
    drawing.reference !== null &&
    markup`<div class="key"><span><svg viewBox="0 0 18 10" aria-hidden="true"><rect class="bar" width="18" height="10"/></svg>this data</span><span><svg viewBox="0 0 18 10" aria-hidden="true"><path class="reference" d="M0 5H18"/></svg>compared with</span></div>`
  }</figure>`
}

/** What a plot shows, for who does not see it. */
function describePlot({ title, kind, counts, marks, reference }: CheckPlot): string {
  const limits = marks.length === 0 ? '' : `; thresholds: ${marks.map(({ label }) => label).join(', ')}`
  return `${title}: ${kind} of ${counts.length} ${kind === 'bars' ? 'values' : 'bins'}${reference === null ? '' : ', with a reference'}${limits}`
}

/** The figure of a check over earlier reports (newest last) and this one. A dash while there is nothing to compare with. */
export function drawTrend(check: CheckResult, earlier: readonly ReportSummary[]): Markup {
  const past = earlier.slice(-mostInTrend).flatMap(({ at, values }) => {
    const same = values.find(({ id }) => id === check.id)
    return same === undefined ? [] : [{ at, outcome: same.outcome, value: same.value }]
  })
  const all = [...past, { at: null, outcome: check.outcome, value: check.value }]
  const drawing = arrangeTrend(all.map(({ value }) => value))
  if (drawing === undefined) return markup`<span class="quiet">–</span>`
  const says = all.map(({ value }) => (value === null ? '–' : formatNumber(value))).join(', ')
  return markup`<svg class="trend" width="${drawing.width}" height="${drawing.height}" viewBox="0 0 ${drawing.width} ${drawing.height}" role="img" aria-label="Figures of earlier reports, then this one: ${says}"><path d="${drawing.path}"/>${drawing.points.map(
    ({ x, y, index }) => {
      const { at, outcome, value } = all[index]!
      return markup`<circle class="dot ${outcome}" cx="${x}" cy="${y}" r="${index === all.length - 1 ? 3.5 : 2.2}"><title>${at === null ? 'now' : formatTime(at)}: ${formatNumber(value!)}, ${outcomeWords[outcome]}</title></circle>`
    },
  )}</svg>`
}
