import { readFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { FoveaError, pathExists, throwIfAborted, writeFileAtomic, type Clock, type Progress } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import { describeFile } from '../suites/schema.ts'
import type { CheckContext, CheckKind } from '../types.ts'
import { learnExpectations, learnSchema, learnVolume } from './facts.ts'
import { learnCheck, type LearnedCheck, type LeftOut } from './learn.ts'
import { writeSuiteText } from './text.ts'

/** Learned from more than one look at their defaults. */
const special = new Set(['schema', 'volume', 'expect', 'custom'])

/**
 * Looks at a dataset with every kind of check and writes a suite whose bounds the data keep now, real faults apart; beside it goes
 * the JSON schema for editors. Throws TARGET_EXISTS, INPUT_INVALID for a dataset without samples, SOURCE_UNREADABLE.
 */
export async function profileDataset(
  deps: { catalog: Catalog; clock: Clock; kinds: readonly CheckKind[]; schemaFile: string },
  request: { dataset: DatasetRef; file: string; suite: string; overwrite: boolean },
  work: { signal: AbortSignal; progress: Progress },
): Promise<{ file: string; suite: string; checks: number; text: string }> {
  const { catalog, clock, kinds, schemaFile } = deps
  const { dataset, file, suite } = request
  const { signal, progress } = work
  await refuseTarget(file, request.overwrite)
  const samples = await catalog.count(dataset, { query: '' })
  if (samples === 0)
    throw new FoveaError('INPUT_INVALID', `${dataset.name} has no samples to learn from.`, {
      hint: 'Import some first: fovea import FOLDER',
    })
  const context: CheckContext = { dataset, scope: '', reference: undefined, signal, clock }
  const checks: LearnedCheck[] = [await learnVolume(catalog, dataset), await learnSchema(catalog, dataset)]
  const leftOut: LeftOut[] = []
  const alone = kinds.filter((kind) => !special.has(kind.name) && !kind.needs.includes('against'))
  for (const [done, kind] of alone.entries()) {
    throwIfAborted(signal)
    progress.report({ stage: kind.name, done, total: alone.length, unit: 'checks' })
    const learned = await learnCheck(kind, context)
    if ('why' in learned && !('parameters' in learned)) leftOut.push(learned)
    else checks.push(learned)
  }
  checks.push(...(await learnExpectations(catalog, dataset)))
  throwIfAborted(signal)
  const text = writeSuiteText({
    name: suite,
    dataset: dataset.name,
    samples,
    at: new Date(clock.now()).toISOString(),
    schema: pathBetween(dirname(file), schemaFile),
    checks,
    leftOut,
    comparing: kinds.filter((kind) => kind.needs.includes('against')),
  })
  try {
    await writeFileAtomic(schemaFile, `${JSON.stringify(describeFile(kinds), null, 2)}\n`)
    await writeFileAtomic(file, text)
  } catch (error) {
    throw new FoveaError('SOURCE_UNREADABLE', `The suite cannot be written to ${file}: ${(error as Error).message}.`, {
      hint: 'Name a file in a folder you may write to with --file.',
      cause: error,
    })
  }
  return { file, suite, checks: checks.length, text }
}

/** A suite may be written where none is, and over another suite when that is asked for; over nothing else. */
async function refuseTarget(file: string, overwrite: boolean): Promise<void> {
  if (!['.yaml', '.yml'].includes(extname(file)))
    throw new FoveaError('INPUT_INVALID', `Expected a .yaml or .yml file for the suite, got ${file}.`)
  if (!(await pathExists(file))) return
  if (!overwrite)
    throw new FoveaError('TARGET_EXISTS', `There is already a suite file at ${file}.`, {
      hint: 'Add --overwrite to write it anew, or name another with --file.',
    })
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined || (text.trim() !== '' && !/^suites\s*:/m.test(text)))
    throw new FoveaError('TARGET_EXISTS', `${file} is there already, and it is no suite file.`, {
      hint: 'Name another with --file.',
    })
}

function pathBetween(folder: string, file: string): string {
  const path = relative(folder, file).replaceAll('\\', '/')
  return path.startsWith('.') ? (path.startsWith('..') ? path : `./${path}`) : join('.', path)
}
