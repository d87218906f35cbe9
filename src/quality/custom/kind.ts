import { z } from 'zod'
import { FoveaError, parseSampleId } from '#base'
import type { Catalog } from '#catalog'
import { defineCheck } from '../checks/define.ts'
import type { CheckContext, CheckKind } from '../types.ts'
import { readCustomCheck } from './read.ts'
import { runCustomCheck } from './run.ts'
import { customAnswer } from './shape.ts'

const parameters = z.object({
  file: z.string().min(1).describe('TypeScript or JavaScript file, from the folder of the suite file'),
  options: z.record(z.string(), z.unknown()).default({}).describe('Given to the check as its second argument'),
  timeout_s: z.number().positive().max(3_600).default(60).describe('Longest time it may take, seconds'),
})

const mostFindings = 24

/** `custom: ./file.ts`, a check of one's own. */
export function createCustomKind({ catalog, folder }: { catalog: Catalog; folder: string }): CheckKind {
  const read = ({ folder: beside = folder }: CheckContext, file: string): Promise<string> =>
    readCustomCheck(file, beside, [beside, folder])
  return defineCheck({
    name: 'custom',
    title: 'Custom check',
    group: 'expectations',
    about:
      'Runs a TypeScript file beside the suite, on a thread of its own with a time limit; for the owner of the workspace only.',
    severity: 'fail',
    shorthand: 'file',
    needs: [],
    parameters,
    async verify(context, { file }) {
      if (context.owner !== true) {
        const message = 'Custom checks run code, which only the owner of the workspace may do.'
        return [{ parameter: 'file', message, hint: 'Run the suite from the command line on this machine.' }]
      }
      try {
        await read(context, file)
        return []
      } catch (caught) {
        if (!(caught instanceof FoveaError) || caught.code === 'INTERNAL') throw caught
        return [{ parameter: 'file', message: caught.message, hint: caught.hint ?? null }]
      }
    },
    async look(context, { file, options, timeout_s }) {
      const code = await read(context, file)
      const raw = await runCustomCheck(catalog, context, { code, options }, timeout_s * 1_000)
      const parsed = customAnswer.safeParse(raw)
      if (!parsed.success) {
        const [issue] = parsed.error.issues
        throw new FoveaError(
          'INPUT_INVALID',
          `${file} answered something else than a check answers: ${issue!.path.join('.') || 'the answer'}: ${issue!.message}.`,
          { hint: 'Answer { pass, looked, message }; docs/checks.md has the rest.' },
        )
      }
      const { pass, findings, ...seen } = parsed.data
      const shown = findings.slice(0, mostFindings)
      const selection = { ids: shown.map(({ sample }) => parseSampleId(sample)) }
      const rows = await catalog.page(context.dataset, { selection, fields: [], limit: mostFindings, offset: 0 })
      const paths = new Map(rows.map((row) => [row.id, row.path]))
      return {
        ...seen,
        found: Math.max(seen.found, findings.length),
        broken: !pass,
        findings: shown.map((one) => ({ ...one, path: paths.get(one.sample) ?? null, label: null, other: null })),
      }
    },
  })
}
