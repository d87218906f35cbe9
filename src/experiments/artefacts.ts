import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { compareCodePoints, FoveaError, resolveInside } from '#base'

interface Artefact {
  /** Below the folder of artefacts, with slashes. */
  name: string
  bytes: number
}

/** Every file below a folder but links, in code-point order of its name; none where there is no folder. */
export async function listArtefacts(folder: string): Promise<Artefact[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const found = await Promise.all(
    files.map(async (file) => {
      const facts = await stat(file).catch(() => undefined)
      return facts === undefined ? [] : [{ name: relative(folder, file).split(sep).join('/'), bytes: facts.size }]
    }),
  )
  return found.flat().toSorted((a, b) => compareCodePoints(a.name, b.name))
}

/** Absolute path of an artefact. A link that leads out of the folder is none. Throws SOURCE_NOT_FOUND, PATH_OUTSIDE. */
export async function findArtefact(folder: string, name: string, run: string): Promise<string> {
  const file = resolveInside(folder, name)
  const facts = await stat(file).catch(() => undefined)
  const inside = relative(await realpath(folder).catch(() => folder), await realpath(file).catch(() => file))
  if (facts?.isFile() === true && inside !== '' && !inside.startsWith('..')) return file
  const known = (await listArtefacts(folder)).map((artefact) => artefact.name)
  throw new FoveaError('SOURCE_NOT_FOUND', `The run ${run} has no artefact ${JSON.stringify(name)}.`, {
    hint: known.length === 0 ? 'It has no artefacts.' : `It has ${listSome(known)}.`,
  })
}

const shown = 10

function listSome(names: readonly string[]): string {
  return names.length <= shown
    ? names.join(', ')
    : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`
}
