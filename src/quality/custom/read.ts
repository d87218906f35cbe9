import { readFile, realpath } from 'node:fs/promises'
import { extname, isAbsolute, relative, resolve, sep } from 'node:path'
import { FoveaError } from '#base'

const largest = 1_000_000

/**
 * The JavaScript of a custom check: TypeScript loses its types, line for line, without a compiler (swc, strip only).
 * `file` is relative to the folder of the suite and must stay in one of `folders`, links resolved.
 * Throws SUITE_INVALID, PATH_OUTSIDE.
 */
export async function readCustomCheck(file: string, folder: string, folders: readonly string[]): Promise<string> {
  const path = resolve(folder, file)
  const kind = extname(path)
  if (!['.ts', '.mts', '.js', '.mjs'].includes(kind))
    throw new FoveaError('SUITE_INVALID', `Expected a .ts, .mts, .js or .mjs file as a custom check, got ${file}.`)
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined)
    throw new FoveaError('SUITE_INVALID', `There is no file ${path}.`, {
      hint: 'The path counts from the folder of the suite file.',
    })
  const roots = await Promise.all(folders.map((root) => realpath(root)))
  if (!roots.some((root) => isBelow(root, real)))
    throw new FoveaError('PATH_OUTSIDE', `Expected a file below ${folders.join(' or ')}, got ${path}.`, {
      hint: 'Keep custom checks beside the suite file or in the workspace.',
    })
  const text = await readFile(real, 'utf8').catch((error: Error) => {
    throw new FoveaError('SUITE_INVALID', `The file ${path} cannot be read: ${error.message}.`, { cause: error })
  })
  if (text.length > largest) throw new FoveaError('SUITE_INVALID', `Expected a file of at most 1 MB, got ${path}.`)
  return kind === '.js' || kind === '.mjs' ? text : stripTypes(text, path)
}

/** Takes the types off, line for line. Throws SUITE_INVALID with the place. */
export async function stripTypes(text: string, path: string): Promise<string> {
  const { transformSync } = await import('@swc/wasm-typescript')
  try {
    return transformSync(text, { mode: 'strip-only', module: true }).code
  } catch (caught) {
    const { message, startLine, startColumn } = caught as { message?: string; startLine?: number; startColumn?: number }
    const place = startLine === undefined ? '' : `:${startLine}:${(startColumn ?? 0) + 1}`
    throw new FoveaError('SUITE_INVALID', `${path}${place}: ${message ?? String(caught)}.`, {
      hint: 'Types are taken off and nothing else is done: enums, namespaces and parameter properties are not for here.',
      cause: caught,
    })
  }
}

/** The address of a module that lies in no file; it may import what is built into Node. */
export function asModule(code: string): URL {
  return new URL(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)
}

function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path)
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}
