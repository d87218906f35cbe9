import { z } from 'zod'
import { sampleIdText } from './shared.ts'

/** What a check counts for when it finds something. */
export const severity = z.enum(['info', 'warn', 'fail'])
export type Severity = z.infer<typeof severity>

/** Where in its life the data is. */
export const stage = z.enum(['source', 'staging', 'production'])
export type Stage = z.infer<typeof stage>

/**
 * `info`, `warn` and `fail`: the bound was broken, by the severity of the check. `empty`: there was nothing to look at, which is no pass.
 * `error`: the check itself could not be done.
 */
export const outcome = z.enum(['pass', 'info', 'warn', 'fail', 'empty', 'error'])
export type Outcome = z.infer<typeof outcome>

export const finding = z.object({
  sample: sampleIdText.nullable().describe('Null when the finding is about the dataset as a whole'),
  path: z.string().nullable(),
  label: z.string().nullable().describe('l_<n> when it is about one label'),
  other: z.object({ sample: sampleIdText, path: z.string() }).nullable().describe('The second of a pair'),
  score: z.number().nullable().describe('What the check measured; the worst come first'),
  what: z.string().describe('A sentence about this one'),
})
export type Finding = z.infer<typeof finding>

/** What a check draws of what it measured: counts by bin or by name, this batch and, where there is one, the reference. */
export const checkPlot = z.object({
  kind: z.enum(['histogram', 'bars']),
  title: z.string(),
  unit: z.string(),
  edges: z.array(z.number()).describe('Histogram: bounds of the bins, one more than there are counts; else empty'),
  names: z.array(z.string()).describe('Bars: one name a count; else empty'),
  counts: z.array(z.number()),
  reference: z.array(z.number()).nullable(),
  marks: z.array(z.object({ at: z.number(), label: z.string() })).describe('Thresholds'),
})
export type CheckPlot = z.infer<typeof checkPlot>

/** What a query that names samples one by one leaves out. */
const queryNames = z.object({
  named: z.number().int().min(0).describe('How many of what was found it names the samples of'),
  of: z.number().int().describe('How many were found, in the unit of the check'),
})
export type QueryNames = z.infer<typeof queryNames>

export const checkResult = z.object({
  id: z.string().describe('Unique in the suite'),
  check: z.string().describe('Kind of check, as in check.list'),
  title: z.string(),
  severity,
  outcome,
  message: z.string().describe('One sentence: what was found, against which bound'),
  value: z.number().nullable().describe('The figure that is held against the bound'),
  bound: z.string().nullable().describe('Such as "≤ 0.02"'),
  unit: z.string().describe('What is looked at: samples, labels, pairs, fields, splits'),
  looked: z.number().int().describe('How many it looked at'),
  found: z.number().int().describe('How many it objects to'),
  query: z.string().nullable().describe('Query that finds the samples again'),
  queryNames: queryNames.optional().describe('Only where the query names samples and does not name all of them'),
  findings: z.array(finding).describe('The worst, at most 24'),
  plot: checkPlot.nullable(),
  hint: z.string().nullable().describe('What to do about it'),
  error: z.string().nullable().describe('Why the check could not be done'),
  ms: z.number(),
})
export type CheckResult = z.infer<typeof checkResult>

export const reportSummary = z.object({
  id: z.string().regex(/^r_\d{1,12}$/),
  suite: z.string(),
  dataset: z.string(),
  scope: z.string(),
  against: z.string().nullable().describe('Version, slice, dataset or query that it was compared with'),
  stage: stage.nullable(),
  environment: z.string().nullable(),
  at: z.string().describe('ISO 8601'),
  ms: z.number(),
  samples: z.number().int().describe('In the scope'),
  outcome: outcome.describe('The worst of its checks: fail, error, warn, empty, info, pass'),
  gate: z
    .boolean()
    .describe('The data may pass: no check failed or went wrong, and none that may fail had nothing to look at'),
  counts: z.record(outcome, z.number().int()),
  values: z.array(z.object({ id: z.string(), outcome, value: z.number().nullable() })).describe('For trends'),
})
export type ReportSummary = z.infer<typeof reportSummary>

export const report = reportSummary.extend({ checks: z.array(checkResult) })
export type Report = z.infer<typeof report>
