import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Removes what a killed process left of a registration or a removal, and evidence of versions that are gone. */
export async function tidyRegistry(folder: string): Promise<void> {
  const models = await namesIn(folder)
  for (const model of models) {
    if (model.startsWith('.registering-')) await rm(join(folder, model), { recursive: true, force: true })
    if (model.startsWith('.')) continue
    const names = await namesIn(join(folder, model))
    const left = names.filter(
      (name) => name.startsWith('.removed-') || (/^\d+\.attached$/.test(name) && !names.includes(name.split('.')[0]!)),
    )
    for (const name of left) await rm(join(folder, model, name), { recursive: true, force: true })
  }
}

/** Removes what a killed process had laid ready to be registered. */
export async function tidyStaging(folder: string): Promise<void> {
  for (const name of await namesIn(folder))
    if (name.startsWith(stagingPrefix)) await rm(join(folder, name), { recursive: true, force: true })
}

/** Beginning of the names of folders in which files are laid ready. */
export const stagingPrefix = '.staging-'

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
