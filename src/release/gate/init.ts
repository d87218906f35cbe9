import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { corruptions, gateSchema, initGate as spec, type Gate } from '#contract'
import { FoveaError, implement, type Operation } from '#base'
import { readEvaluation } from '#evaluation'
import type { ModelVersion } from '#models'
import type { ReleaseDeps } from '../deps.ts'
import { openCorrupted } from '../robustness/open-corrupted.ts'
import { show } from './describe.ts'
import { figuresOf, intervalsOf, judgeVersion, type Judging } from './judge.ts'
import { gateFileName } from './run.ts'

const gateName = 'release'
const severity = 1

/** Query of the samples of a dataset that a version was last evaluated on, which a training ends with; empty for all where there is none. */
async function lastJudged(
  { registry }: Pick<ReleaseDeps, 'registry'>,
  { model, version }: ModelVersion,
  dataset: string,
): Promise<string> {
  const evaluation = await readEvaluation(await registry(), `${model}:${version}`)
  return evaluation?.dataset === dataset ? evaluation.query : ''
}

/** Handler of gate.init: bounds learned from what a version reaches, each with the reason beside it. */
export function createGateInit(deps: ReleaseDeps): Operation {
  return implement(spec, async (input, context) => {
    const file = input.file ?? join(deps.folder, gateFileName)
    const version = await (await deps.registry()).load(input.model)
    const dataset = await deps.catalog.resolveDataset(input.dataset ?? version.data?.dataset)
    const query = input.query ?? (await lastJudged(deps, version, dataset.name))
    const ids = await deps.catalog.idsOf(dataset, { query })
    const rows = await deps.catalog.mediaOf(dataset, ids)
    const gate: Gate = gateSchema.parse({ data: query })
    const judging: Judging = { gate, version, dataset, ids, rows }
    const one = await judgeVersion(deps, judging, context)
    const { main, lowerIsBetter } = one.judged
    const figures = figuresOf(one)
    const value = figures[main]
    if (typeof value !== 'number')
      throw new FoveaError('INPUT_INVALID', `The ${main} of the model cannot be measured on ${ids.length} samples.`, {
        hint: 'Give a query that selects samples with labels.',
      })
    const low = lowerIsBetter ? intervalsOf(one)[main]?.high : intervalsOf(one)[main]?.low
    const robust: string[] = []
    for (const corruption of corruptions) {
      const worse = await judgeVersion(
        { ...deps, openModel: (folder) => openCorrupted(deps, folder, { corruption, severity }) },
        judging,
        context,
        `${corruption} ${severity}`,
      )
      const found = figuresOf(worse)[main]
      if (typeof found !== 'number') continue
      const lost = Math.max(0, lowerIsBetter ? found - value : value - found)
      robust.push(
        `      - { corruption: ${corruption}, severity: ${severity}, metrics: { ${main}: { drop: ${show(roundUp(lost + allowance(value)))} } } } # loses ${show(lost)} now`,
      )
    }
    const megabytes = version.files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6
    const bound = lowerIsBetter ? `max: ${show(roundUp(low ?? value))}` : `min: ${show(roundDown(low ?? value))}`
    const text = `# Gates of this workspace: what a version of a model must meet before it is served.
# Learned from ${version.model}:${version.version} on ${one.judged.ids.length} samples of ${dataset.name}. docs/gates.md lists everything a gate takes.
# Run with: fovea gate ${version.model}@candidate
version: 1
gates:
  ${gateName}:
    dataset: ${JSON.stringify(dataset.name)}
    data: ${JSON.stringify(query)}
    metrics:
      ${main}: { ${bound} } # ${show(value)} now; the bound is the far end of its 95 % interval
    champion:
      metrics:
        ${main}: { drop: ${show(roundUp(allowance(value)))} } # how much worse than the champion it may be at most
    leakage: { maxPairs: 0 } # no picture it learnt from may show what it is judged by
    size: { maxMb: ${show(roundUp(megabytes * 1.25))} } # ${show(megabytes)} MB now
    robustness: # pictures made worse: noise, blur, brightness, JPEG, a small turn
${robust.join('\n')}
`
    await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      throw new FoveaError('TARGET_EXISTS', `There is already a gate file at ${file}.`, {
        hint: 'Add a gate to it by hand, move it away, or name another with --file.',
        cause: error,
      })
    })
    return {
      file,
      gate: gateName,
      metrics: Object.fromEntries(
        Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
      ),
    }
  })
}

/** What may be lost without anybody minding: a twentieth. */
const allowance = (value: number): number => Math.abs(value) / 20

const roundUp = (value: number): number => Math.ceil(value * 1e3) / 1e3
const roundDown = (value: number): number => Math.floor(value * 1e3) / 1e3
