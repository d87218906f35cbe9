import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable } from './table.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>

function printGate(evidence: contract.GateEvidence, columns: number): string {
  const { gate, model, passed, samples, dataset, outcomes, run } = evidence
  const missed = outcomes.filter((outcome) => !outcome.passed)
  const queries = missed.flatMap(({ name, query }) =>
    query === null || query.length > 200 ? [] : [`  ${name}: fovea query ${JSON.stringify(query)}\n`],
  )
  return [
    `${model} at the gate ${gate}, on ${samples.toLocaleString('en')} samples of ${dataset}\n\n`,
    formatTable(
      outcomes,
      [
        { title: '', value: (outcome) => (outcome.passed ? 'ok' : 'MISSED') },
        { title: 'PART', value: ({ kind }) => kind },
        { title: 'OF', value: ({ name }) => name },
        { title: 'EXPECTED', value: ({ expected }) => expected },
        { title: 'FOUND', value: ({ found }) => found },
      ],
      columns,
    ),
    queries.length === 0 ? '' : `\nSamples:\n${queries.join('')}`,
    outcomes.length === 0
      ? '\nKept out: the gate asks for nothing, and nothing passes unseen.\n'
      : passed
        ? '\nPassed.\n'
        : `\nKept out: ${missed.length} of ${outcomes.length} were missed.\n`,
    `Evidence: fovea models evidence ${model} gate-${gate}.json; run ${run}\n`,
  ].join('')
}

export const releasePrinters = {
  'gate.run': printGate,
  'gate.init': (o: Output<typeof contract.initGate>) =>
    `Wrote the gate ${o.gate} to ${o.file}\nRead it, then hold a model against it: fovea gate MODEL\n`,
  'gate.golden': (o: Output<typeof contract.recordGolden>) =>
    `Kept ${o.pictures.length} golden ${o.pictures.length === 1 ? 'picture' : 'pictures'} beside ${o.model}\nLet a gate ask for them with: golden: {}\n`,
}
