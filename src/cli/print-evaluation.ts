import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'
import { plural } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Printer = (output: never, columns: number) => string
type Figure = contract.EvaluationResult['figures'][string]
type Slice = contract.EvaluationResult['slices'][number]

const round = (value: number | null | undefined): string => (value == null ? '' : value.toFixed(4))
const between = ({ low, high }: Pick<Figure, 'low' | 'high'>): string =>
  low === null || high === null ? '' : `${round(low)} to ${round(high)}`
const undoHint = (change: string | null): string => (change === null ? '' : `Take it back with: fovea undo ${change}\n`)

function tellSkipped(skipped: Readonly<Record<string, number>>): string {
  const said = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`)
  return said.length === 0 ? '' : `Left out: ${said.join(', ')}\n`
}

function table<Row>(rows: readonly Row[], shape: readonly Column<Row>[], columns: number): string {
  return rows.length === 0 ? '' : `\n${formatTable(rows, shape, columns)}`
}

function printEvaluation(result: contract.EvaluationResult, columns: number): string {
  const { model, dataset, samples, figures, classes, slices, worst, outcomes, labels, main, skipped } = result
  const names = [...new Set(classes.flatMap((each) => Object.keys(each.figures)))]
  const sliceColumns = (title: string): Column<Slice>[] => [
    { title, value: (slice) => slice.name },
    { title: 'SAMPLES', value: (slice) => slice.samples, right: true },
    { title: main.toUpperCase(), value: (slice) => round(slice.value), right: true },
    { title: '95 %', value: between },
    { title: '', value: (slice) => (slice.apart ? 'differs' : '') },
  ]
  return [
    `${model} on ${plural(samples, 'sample')} of ${dataset}\n`,
    tellSkipped(skipped),
    table(
      Object.entries(figures),
      [
        { title: 'FIGURE', value: ([name]) => name },
        { title: 'VALUE', value: ([, figure]) => round(figure.value), right: true },
        { title: '95 %', value: ([, figure]) => between(figure) },
      ],
      columns,
    ),
    table(
      classes,
      [
        { title: 'CLASS', value: (each) => each.class },
        { title: 'TRUE', value: (each) => each.truths, right: true },
        { title: 'PREDICTED', value: (each) => each.predictions, right: true },
        ...names.map((name) => ({
          title: name.toUpperCase(),
          value: (each: (typeof classes)[number]) => round(each.figures[name]),
          right: true,
        })),
      ],
      columns,
    ),
    table(slices, sliceColumns('SLICE'), columns),
    table(worst, sliceColumns('WORST'), columns),
    table(
      outcomes.slice(0, 10),
      [
        { title: 'OUTCOME', value: (each) => each.outcome },
        { title: 'SAMPLES', value: (each) => each.samples, right: true },
        { title: 'QUERY', value: (each) => each.query ?? '' },
      ],
      columns,
    ),
    table(
      (labels?.outcomes ?? []).filter((each) => each.labels > 0),
      [
        { title: 'LABELS', value: (each) => each.outcome },
        { title: 'COUNT', value: (each) => each.labels, right: true },
        { title: 'QUERY', value: (each) => each.query },
      ],
      columns,
    ),
  ].join('')
}

function printJudged(result: Output<typeof contract.evaluateModel>, columns: number): string {
  return `${printEvaluation(result, columns)}\nRun ${result.run}. ${undoHint(result.change)}`.trimEnd().concat('\n')
}

function printComparison(result: Output<typeof contract.compareModels>, columns: number): string {
  const { before, after, samples, figures, mcnemar, queries, skipped, change, run } = result
  const flips =
    mcnemar === null
      ? ''
      : `\n${mcnemar.lost} lost, ${mcnemar.gained} gained; p ${mcnemar.p.toPrecision(3)} (McNemar, exact)\n`
  return [
    `${after} against ${before} on ${plural(samples, 'sample')}\n`,
    tellSkipped(skipped),
    table(
      Object.entries(figures),
      [
        { title: 'FIGURE', value: ([name]) => name },
        { title: 'BEFORE', value: ([, each]) => round(each.before), right: true },
        { title: 'AFTER', value: ([, each]) => round(each.after), right: true },
        { title: 'DIFFERENCE', value: ([, each]) => round(each.difference), right: true },
        { title: '95 %', value: ([, each]) => between(each) },
      ],
      columns,
    ),
    flips,
    queries === null ? '' : `fovea query '${queries.lost}'\nfovea query '${queries.gained}'\n`,
    `Run ${run}. ${undoHint(change)}`.trimEnd(),
    '\n',
  ].join('')
}

function printPrediction(result: Output<typeof contract.predictModel>, columns: number): string {
  const { model, layer, predicted, unchanged, unreadable, labels, fields, addedClasses, problems, change } = result
  return [
    `${model} predicted ${plural(predicted, 'sample')} into ${layer}: ${plural(labels, 'label')}${fields.length === 0 ? '' : `, ${fields.join(', ')}`}.\n`,
    unchanged === 0 ? '' : `${plural(unchanged, 'sample')} had been predicted before.\n`,
    addedClasses.length === 0 ? '' : `Added to the ontology: ${addedClasses.join(', ')}\n`,
    unreadable === 0 ? '' : `${plural(unreadable, 'picture')} could not be read:\n`,
    table(
      problems,
      [
        { title: 'SAMPLE', value: (each) => each.sample },
        { title: 'PATH', value: (each) => each.path, keepEnd: true },
        { title: 'WHAT', value: (each) => each.what },
      ],
      columns,
    ),
    undoHint(change),
  ].join('')
}

/** How answers about models over samples are shown. */
export const evaluationPrinters: Readonly<Record<string, Printer>> = {
  'evaluation.model': printJudged,
  'evaluation.show': printEvaluation,
  'evaluation.compare': printComparison,
  'models.predict': printPrediction,
}
