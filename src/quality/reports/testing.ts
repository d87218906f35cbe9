import type { CheckResult, Finding, Outcome, Report, ReportSummary } from '#contract'
import type { ReportDeps, SampleLabels } from './types.ts'
import { outcomesWorstFirst } from './plain-words.ts'

/** A check that found nothing wrong, unless `change` says otherwise. */
export function makeCheck(change: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'dark',
    check: 'dark',
    title: 'Dark pictures',
    severity: 'fail',
    outcome: 'pass',
    message: 'No picture is too dark.',
    value: 0,
    bound: '≤ 0.02',
    unit: 'samples',
    looked: 1_200,
    found: 0,
    query: null,
    findings: [],
    plot: null,
    hint: null,
    error: null,
    ms: 12.5,
    ...change,
  }
}

export function makeFinding(change: Partial<Finding> = {}): Finding {
  return { sample: 's_1', path: 'a/1.jpg', label: null, other: null, score: 0.25, what: 'is dark', ...change }
}

/** A report of checks; outcome, gate and counts follow from them. */
export function makeReport(checks: CheckResult[], change: Partial<Report> = {}): Report {
  const count = (outcome: Outcome): number => checks.filter((check) => check.outcome === outcome).length
  return {
    id: 'r_7',
    suite: 'default',
    dataset: 'tiles',
    scope: '',
    against: null,
    stage: null,
    environment: null,
    at: '2026-03-04T05:06:07.890Z',
    ms: 1_234,
    samples: 1_344,
    outcome: outcomesWorstFirst.find((outcome) => count(outcome) > 0) ?? 'empty',
    gate: count('fail') + count('error') === 0,
    counts: Object.fromEntries(outcomesWorstFirst.map((outcome) => [outcome, count(outcome)])) as Report['counts'],
    values: checks.map(({ id, outcome, value }) => ({ id, outcome, value })),
    checks,
    ...change,
  }
}

/** A report made before, with the figure of one check. */
export function makeEarlier(number: number, id: string, value: number | null): ReportSummary {
  const { checks: _, ...summary } = makeReport([makeCheck({ id, value })], { id: `r_${number}` })
  return summary
}

/** Pictures of 200 × 100 px and one box on each, for every sample that is asked for. */
export function makeDeps(change: Partial<ReportDeps> = {}): ReportDeps {
  return {
    earlier: [],
    thumbnail: async () => ({
      bytes: new Uint8Array([255, 216, 255]),
      mediaType: 'image/jpeg',
      width: 200,
      height: 100,
    }),
    labelsOf: async (samples) => samples.map((sample) => makeLabels(sample)),
    classColours: async () => new Map(),
    ...change,
  }
}

export function makeLabels(sample: string, name = 'scratch'): SampleLabels {
  const label = { geometry: null, area: null, score: null, attributes: {}, author: null }
  return {
    sample,
    width: 400,
    height: 200,
    layers: [
      {
        layer: 'truth',
        labels: [
          { ...label, id: 'l_1', kind: 'box', class: name, box: { x: 10, y: 20, w: 30, h: 40 } },
          { ...label, id: 'l_2', kind: 'class', class: name, box: null },
        ],
      },
    ],
  }
}

export interface MarkupElement {
  name: string
  attributes: Record<string, string>
}

const token =
  /<\?xml [^<>]*\?>|<(?<close>\/)?(?<name>[A-Za-z][\w-]*)(?<attributes>(?: [A-Za-z][\w:-]*="[^"<]*")*)(?<empty>\/)?>|[^<>]+/y

/**
 * The elements of markup, read more strictly than browsers and XML readers do: quoted attributes, every element closed, no bare `<`
 * or `&`, none of the characters that XML forbids. Throws at the first thing that is not so.
 */
export function readStrictly(text: string): MarkupElement[] {
  const out: MarkupElement[] = []
  const open: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const match = token.exec(text)
    // oxlint-disable-next-line no-control-regex -- the characters that XML 1.0 forbids
    const bad = match === null || /&(?!(?:amp|lt|gt|quot|#39);)|[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(match[0])
    if (bad) throw new SyntaxError(`expected markup at ${at}, got ${JSON.stringify(text.slice(at, at + 80))}`)
    const { close, name, attributes, empty } = match.groups!
    if (name === undefined) continue
    if (close !== undefined) {
      if (open.pop() !== name) throw new SyntaxError(`</${name}> at ${at} closes nothing`)
      continue
    }
    if (empty === undefined) open.push(name)
    const pairs = [...attributes!.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!] as const)
    out.push({ name, attributes: Object.fromEntries(pairs) })
  }
  if (open.length > 0) throw new SyntaxError(`<${open.at(-1)}> is never closed`)
  return out
}
