import { join } from 'node:path'
import { pathExists } from '#base'
import type { MediaRow } from '#catalog'
import type { Workspace } from './workspace.ts'

/** Where the bytes of a sample lie: where it was imported from, else the copy in the workspace; of a version, whichever has its bytes. */
export async function findMedia(
  workspace: Workspace,
  { source, md5, recorded }: { source: string; md5: string; recorded?: MediaRow['recorded'] | undefined },
): Promise<string> {
  if (recorded !== undefined) {
    const { createLocalStore, findRecorded } = await import('#store')
    return findRecorded(createLocalStore({ folder: workspace.objects }), { source, md5, recorded })
  }
  const copy = join(workspace.objects, 'files', 'md5', md5.slice(0, 2), md5.slice(2))
  return !(await pathExists(source)) && (await pathExists(copy)) ? copy : source
}
