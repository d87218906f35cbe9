import { availableParallelism } from 'node:os'
import { readRevision } from './revision.ts'
import { readVersion } from './version.ts'

/** What a run is executed by and on; the revision is that of the repository the folder lies in. */
export async function describeEnvironment(
  folder: string,
): Promise<{ fovea: string; node: string; platform: string; cpus: number; revision: string | null }> {
  return {
    fovea: readVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpus: availableParallelism(),
    revision: await readRevision(folder),
  }
}
