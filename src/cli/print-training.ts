import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable } from './table.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Printer = (output: never, columns: number) => string

const round = (value: number): string => String(Number(value.toPrecision(4)))

function printFigures(metrics: Readonly<Record<string, number>>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `  ${name} ${round(value)}\n`)
    .join('')
}

const nextStep = (model: string, heldOut: string | null): string =>
  `Next: fovea evaluate ${model}${heldOut === null ? '' : ` --data '${heldOut}'`}\n`

function printTraining(o: Output<typeof contract.trainModel>): string {
  return [
    ...o.notes.map((note) => `${note}\n`),
    `Learnt from ${o.samples.toLocaleString('en')} samples, held out ${o.validation.toLocaleString('en')}, in ${o.seconds.toFixed(1)} s${o.resumed ? ', taken up where it had stopped' : ''}; run ${o.run}\n`,
    `${o.model}\n`,
    printFigures(o.metrics),
    nextStep(o.model, o.heldOut),
  ].join('')
}

type Trial = Output<typeof contract.sweepParameters>['trials'][number]

function printSweep(o: Output<typeof contract.sweepParameters>, columns: number): string {
  const names = [...new Set(o.trials.flatMap(({ params }) => Object.keys(params)))]
  const table = formatTable<Trial>(
    o.trials,
    [
      { title: 'RUN', value: (trial) => trial.run },
      ...names.map((name) => ({ title: name, value: (trial: Trial) => String(trial.params[name] ?? '') })),
      { title: 'EPOCHS', value: (trial) => (trial.epochs === null ? '' : String(trial.epochs)), right: true },
      {
        title: o.metric,
        value: (trial) => (trial.value === null ? (trial.error ?? '') : round(trial.value)),
        right: true,
      },
      { title: 'SECONDS', value: (trial) => trial.seconds.toFixed(1), right: true },
    ],
    columns,
  )
  return [
    ...o.notes.map((note) => `${note}\n`),
    table,
    `\n${o.model}, the best by ${o.direction === 'max' ? 'highest' : 'lowest'} ${o.metric}; run ${o.run}\n`,
    printFigures(o.metrics),
    nextStep(o.model, o.heldOut),
  ].join('')
}

type Parameter = Output<typeof contract.listTrainers>['trainers'][number]['parameters'][number]

function printTrainers({ trainers }: Output<typeof contract.listTrainers>, columns: number): string {
  return trainers
    .map(({ name, title, tasks, parameters }) => {
      const table = formatTable<Parameter>(
        parameters,
        [
          { title: 'PARAMETER', value: (one) => one.name },
          { title: 'TYPE', value: (one) => one.type },
          { title: 'DEFAULT', value: (one) => (one.default === null ? '' : String(one.default)) },
          { title: 'FOR', value: (one) => (one.tasks.length === tasks.length ? '' : one.tasks.join(', ')) },
          { title: 'MEANS', value: (one) => one.description },
        ],
        columns,
      )
      return `${name}: ${title}\nTasks: ${tasks.join(', ')}\n${table}`
    })
    .join('\n')
}

export const trainingPrinters: Readonly<Record<string, Printer>> = {
  'training.train': printTraining,
  'training.sweep': printSweep,
  'training.trainers': printTrainers,
}
