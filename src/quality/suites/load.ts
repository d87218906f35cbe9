import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError } from '#base'
import type { CheckKind } from '../types.ts'
import { suggestName } from './names.ts'
import { parseSuiteFile } from './parse.ts'
import type { Suite, SuiteFile } from './types.ts'

const suiteFileName = 'fovea.checks.yaml'

/** The file named, or the one of the workspace. */
export function suitePath(folder: string, file: string | undefined): string {
  return file ?? join(folder, suiteFileName)
}

/** Throws SUITE_NOT_FOUND without the file, SOURCE_UNREADABLE, SUITE_INVALID. */
export async function loadSuiteFile(
  file: string,
  environment: string | undefined,
  kinds: readonly CheckKind[],
): Promise<SuiteFile> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT')
      throw new FoveaError('SUITE_NOT_FOUND', `Expected a suite file at ${file}, found none.`, {
        hint: 'Write one from the data with: fovea check --init',
        cause: error,
      })
    throw new FoveaError('SOURCE_UNREADABLE', `The suite file ${file} cannot be read: ${message}.`, { cause: error })
  }
  return parseSuiteFile({ file, text, environment, kinds })
}

/** Throws SUITE_NOT_FOUND. */
export function chooseSuite({ file, suites }: SuiteFile, name: string): Suite {
  const suite = suites.find((candidate) => candidate.name === name)
  if (suite !== undefined) return suite
  throw new FoveaError('SUITE_NOT_FOUND', `${file} has no suite ${JSON.stringify(name)}.`, {
    hint: suggestName(
      name,
      suites.map((candidate) => candidate.name),
    ),
  })
}
