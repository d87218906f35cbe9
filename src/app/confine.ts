import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { FoveaError, type MayReach } from '#base'
import { isUpload } from './uploads.ts'
import type { Workspace } from './workspace.ts'

/** Inputs that name files or folders of the machine fovea runs on. */
const pathInputs: Readonly<Record<string, readonly string[]>> = {
  'bundle.make': ['to'],
  'bundle.verify': ['folder'],
  'check.init': ['file'],
  'check.run': ['file'],
  'check.suites': ['file'],
  'dataset.import': ['path'],
  'dataset.inspect': ['path'],
  'dataset.export': ['to'],
  'gate.init': ['file'],
  'gate.run': ['file'],
  'demo.make': ['to'],
  'models.add': ['path', 'card'],
  'registry.register': ['path', 'card'],
  'spaces.import': ['path'],
  'spaces.similar': ['like'],
}

/** Operations that may be given what the same caller has uploaded. */
const readsUploads = new Set(['dataset.import', 'dataset.inspect'])

/** Names of the inputs of an operation that are paths. A caller with a working directory of its own resolves them first. */
export function pathInputsOf(operation: string): readonly string[] {
  return pathInputs[operation] ?? []
}

/** Whether a path input names a sample or label in place of a file. */
export function isNoPath(operation: string, text: string): boolean {
  return operation === 'spaces.similar' && /^[sl]_\d+$/.test(text)
}

/** Files and folders that a caller other than the owner of the machine's files may reach: browsers and remote clients. */
export interface Confinement {
  /**
   * Throws PATH_OUTSIDE unless every path input of an operation lies below the workspace folder (but not in `.fovea`) or a
   * configured root, symbolic links resolved. What was uploaded may be inspected and imported.
   */
  checkInput(operation: string, input: unknown): Promise<void>
  /** The same lines for a file that is named elsewhere; what archives were unpacked to may be reached too. */
  mayReach: MayReach
}

export function createConfinement(workspace: Workspace, roots: readonly string[]): Confinement {
  const isAllowed = async (path: string): Promise<boolean> => {
    const real = path.includes('\0') || !isAbsolute(path) ? undefined : await realPathOf(path)
    const allowed = await Promise.all([workspace.folder, ...roots].map(realPathOf))
    const home = await realPathOf(workspace.home)
    return real !== undefined && !isBelow(home, real) && allowed.some((root) => isBelow(root, real))
  }
  const isUploaded = async (path: string): Promise<boolean> =>
    isAbsolute(path) && !path.includes('\0') && isUpload(await realPathOf(workspace.imports), await realPathOf(path))
  return {
    async checkInput(operation, input) {
      for (const key of pathInputsOf(operation)) {
        const given = (input as Record<string, unknown> | null)?.[key]
        if (typeof given !== 'string' || isNoPath(operation, given) || (await isAllowed(given))) continue
        if (readsUploads.has(operation) && (await isUploaded(given))) continue
        throw new FoveaError(
          'PATH_OUTSIDE',
          `Expected ${key} to be an absolute path below ${[workspace.folder, ...roots].join(' or ')}, got ${JSON.stringify(given)}.`,
          {
            hint: 'Use the command line on this machine, or add the folder to import.roots in .fovea/config.toml.',
          },
        )
      }
    },
    async mayReach(file) {
      if (await isAllowed(file)) return true
      return (
        isAbsolute(file) && !file.includes('\0') && isBelow(await realPathOf(workspace.imports), await realPathOf(file))
      )
    },
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
