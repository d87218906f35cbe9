import { mkdir, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { FoveaError } from '#base'

/** Where everything of a workspace lies. All paths are absolute. */
export interface Workspace {
  /** The folder that holds `.fovea/`. */
  folder: string
  /** `.fovea` itself. */
  home: string
  catalogFile: string
  configFile: string
  objects: string
  thumbnails: string
  jobs: string
  imports: string
  /** Models that were added. */
  models: string
  /** Vectors, a folder a dataset. */
  spaces: string
  /** Trained models in versions. */
  registry: string
  /** Runs of trainings and evaluations, a folder each. */
  runs: string
  /** Commits of datasets, and what they are called. */
  versions: string
  /** What is served, and the logs of it. */
  serving: string
  /** The private key that bundles are signed with. */
  signingKey: string
  serverFile: string
  holderFile: string
}

const homeName = '.fovea'

function workspaceAt(folder: string): Workspace {
  const root = resolve(folder)
  const home = join(root, homeName)
  return {
    folder: root,
    home,
    catalogFile: join(home, 'catalog.duckdb'),
    configFile: join(home, 'config.toml'),
    objects: join(home, 'objects'),
    thumbnails: join(home, 'thumbnails'),
    jobs: join(home, 'jobs'),
    imports: join(home, 'imports'),
    models: join(home, 'models'),
    spaces: join(home, 'spaces'),
    registry: join(home, 'registry'),
    runs: join(home, 'runs'),
    versions: join(home, 'versions'),
    serving: join(home, 'serving'),
    signingKey: join(home, 'keys', 'bundles.pem'),
    serverFile: join(home, 'server.json'),
    holderFile: join(home, 'holder.json'),
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  )
}

/**
 * Finds the workspace: the folder named (`--workspace`, else FOVEA_WORKSPACE), or the nearest one upward from `cwd`.
 * Throws WORKSPACE_NOT_FOUND.
 */
export async function findWorkspace(from: { cwd: string; named?: string | undefined }): Promise<Workspace> {
  if (from.named !== undefined && from.named !== '') {
    const given = resolve(from.cwd, from.named)
    const folder = basename(given) === homeName ? dirname(given) : given
    if (await isFolder(join(folder, homeName))) return workspaceAt(folder)
    throw new FoveaError('WORKSPACE_NOT_FOUND', `Expected a workspace in ${folder}, but it holds no .fovea folder.`, {
      hint: `Make one with: fovea init ${folder}`,
    })
  }
  for (let folder = resolve(from.cwd); ; folder = dirname(folder)) {
    if (await isFolder(join(folder, homeName))) return workspaceAt(folder)
    if (dirname(folder) === folder) break
  }
  throw new FoveaError(
    'WORKSPACE_NOT_FOUND',
    `Expected a .fovea folder in ${resolve(from.cwd)} or above it, found none.`,
    {
      hint: 'Make a workspace here with: fovea init. Or name one with --workspace DIR or FOVEA_WORKSPACE.',
    },
  )
}

const configTemplate = `# Settings of this fovea workspace. Environment variables (FOVEA_SERVER_PORT, …) and flags win over this file.

# [server]
# port = 7077
# host = "127.0.0.1"        # any other address asks for a token
# token = ""                # at least 16 characters; a fresh one at each start when left out
# allowedHosts = []         # further names the server may be reached by

# [limits]
# maxPixels = 250000000
# maxBodyBytes = 4194304
# maxUploadBytes = 2147483648         # of one file that is dropped onto the page
# maxUploadTotalBytes = 107374182400  # of all files of one upload
# maxUploadFiles = 1000000
# ratePerMinute = 6000

# [catalog]
# memoryMb = 2048
# threads = 4

# [media]
# threads = 4

# [models]
# threads = 4               # each holds the network once

# [serving]
# maxBodyBytes = 67108864   # of one request to an endpoint
# maxFiles = 64             # pictures of one request
# maxPixels = 64000000      # of one picture

# [jobs]
# keep = 1000               # records of ended jobs, the newest; older ones are removed

# [import]
# roots = []                # folders that browsers and remote clients may import from and export to
`

/** Makes a workspace in a folder, which is made too when missing. Throws WORKSPACE_EXISTS, INPUT_INVALID. */
export async function initWorkspace(folder: string): Promise<Workspace> {
  const workspace = workspaceAt(folder)
  try {
    await mkdir(workspace.folder, { recursive: true })
    await mkdir(workspace.home)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await isFolder(workspace.home))) {
      throw new FoveaError('WORKSPACE_EXISTS', `${workspace.folder} is a workspace already.`, {
        hint: 'Use it as it is, or name another folder.',
      })
    }
    throw new FoveaError(
      'INPUT_INVALID',
      `A workspace cannot be made in ${workspace.folder}: ${(error as Error).message}.`,
      {
        hint: 'Name a folder you may write to.',
        cause: error,
      },
    )
  }
  for (const part of [workspace.objects, workspace.thumbnails, workspace.jobs, workspace.imports]) await mkdir(part)
  await writeFile(workspace.configFile, configTemplate)
  await writeFile(join(workspace.home, '.gitignore'), '*\n!.gitignore\n!config.toml\n')
  return workspace
}
