import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { FoveaError } from '#base'
import type { Workspace } from './workspace.ts'

/** Inputs that name files or folders of the machine fovea runs on. */
const pathInputs: Readonly<Record<string, readonly string[]>> = {
  'dataset.import': ['path'],
  'dataset.inspect': ['path'],
  'dataset.export': ['to'],
  'demo.make': ['to'],
}

/** Names of the inputs of an operation that are paths. A caller with a working directory of its own resolves them first. */
export function pathInputsOf(operation: string): readonly string[] {
  return pathInputs[operation] ?? []
}

/**
 * Throws PATH_OUTSIDE unless every path input lies below the workspace folder (but not in `.fovea`) or a configured root,
 * symbolic links resolved. For callers that are not the owner of the machine's files: browsers and remote clients.
 */
export async function confineInput(
  operation: string,
  input: unknown,
  workspace: Workspace,
  roots: readonly string[],
): Promise<void> {
  for (const key of pathInputsOf(operation)) {
    const given = (input as Record<string, unknown> | null)?.[key]
    if (typeof given !== 'string') continue
    const real = given.includes('\0') || !isAbsolute(given) ? undefined : await realPathOf(given)
    const allowed = await Promise.all([workspace.folder, ...roots].map(realPathOf))
    const home = await realPathOf(workspace.home)
    if (real === undefined || isBelow(home, real) || !allowed.some((root) => isBelow(root, real))) {
      throw new FoveaError(
        'PATH_OUTSIDE',
        `Expected ${key} to be an absolute path below ${[workspace.folder, ...roots].join(' or ')}, got ${JSON.stringify(given)}.`,
        {
          hint: 'Use the command line on this machine, or add the folder to import.roots in .fovea/config.toml.',
        },
      )
    }
  }
}

function isBelow(root: string, path: string): boolean {
  const inside = relative(root, path)
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

/** The path with links resolved as far as it exists. */
async function realPathOf(path: string): Promise<string> {
  const full = resolve(path)
  try {
    return await realpath(full)
  } catch {
    const parent = dirname(full)
    return parent === full ? full : join(await realPathOf(parent), relative(parent, full))
  }
}
