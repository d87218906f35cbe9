import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { FoveaError } from '#base'
import type { Workspace } from './workspace.ts'

const prefix = 'upload-'
/** Files that are on their way; the dot keeps them apart from folders of uploads and archives. */
const partEnding = '.part'

/** Where the files of an upload lie. Throws INPUT_INVALID for a name that is not 8 to 64 of a-z and 0-9. */
export function uploadFolder(workspace: Workspace, name: string): string {
  if (!/^[a-z0-9]{8,64}$/.test(name))
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected 8 to 64 of a-z and 0-9 as the name of an upload, got ${JSON.stringify(name.slice(0, 100))}.`,
      { hint: 'Take a random one.' },
    )
  return join(workspace.imports, `${prefix}${name}`)
}

/** Whether a path, its links resolved, lies in the folder of an upload. `imports` has its links resolved, too. */
export function isUpload(imports: string, path: string): boolean {
  return relative(imports, path).split(sep)[0]!.startsWith(prefix)
}

/** How much there is of an upload: nothing before its first file. */
export async function readUpload(folder: string): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  let [files, bytes] = [0, 0]
  for (const entry of entries) {
    if (!entry.isFile()) continue
    files++
    bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return { files, bytes }
}

/** Removes an upload; one that is not there is left out. Throws INPUT_INVALID as `uploadFolder` does. */
export async function removeUpload(workspace: Workspace, name: string): Promise<void> {
  await rm(uploadFolder(workspace, name), { recursive: true, force: true })
}

/**
 * Imports, with what was uploaded copied into the workspace whatever the input says: when the import is done, the upload is removed.
 * After a failure, or when nothing could be taken, it stays, to be tried again. Anything else is imported as the input says.
 */
export async function consumeUpload(
  workspace: Workspace,
  input: { path: string },
  run: (input: unknown) => Promise<unknown>,
): Promise<unknown> {
  const [imports, path] = await Promise.all([realPathOf(workspace.imports), realPathOf(input.path)])
  if (!isUpload(imports, path)) return run(input)
  const output = await run({ ...input, copy: true })
  const { added, updated, unchanged } = output as Record<'added' | 'updated' | 'unchanged', number>
  if (added + updated + unchanged > 0)
    await rm(join(imports, relative(imports, path).split(sep)[0]!), { recursive: true, force: true })
  return output
}

const realPathOf = (path: string): Promise<string> => realpath(path).catch(() => path)

/** Removes uploads that were begun before a moment (ms since 1970) and never imported, and files whose senders went away. Answers how many. */
export async function sweepUploads(workspace: Workspace, before: number): Promise<number> {
  const names = await readdir(workspace.imports).catch(() => [])
  let removed = 0
  for (const name of names) {
    if (!name.startsWith(prefix) && !(name.startsWith('.') && name.endsWith(partEnding))) continue
    const path = join(workspace.imports, name)
    const facts = await stat(path).catch(() => undefined)
    if (facts === undefined || facts.mtimeMs >= before) continue
    await rm(path, { recursive: true, force: true })
    removed++
  }
  return removed
}
