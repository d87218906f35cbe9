import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FoveaError } from '#base'
import { loadConfig } from './config.ts'
import { initWorkspace, type Workspace } from './workspace.ts'

let folder: string
let workspace: Workspace
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-config-'))
  workspace = await initWorkspace(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('the file a new workspace gets changes nothing', async () => {
  expect(await loadConfig({ workspace, env: {} })).toEqual({
    server: { port: 7077, host: '127.0.0.1', allowedHosts: [] },
    limits: {
      maxPixels: 250_000_000,
      maxBodyBytes: 4_194_304,
      maxUploadBytes: 2_147_483_648,
      maxUploadTotalBytes: 107_374_182_400,
      maxUploadFiles: 1_000_000,
      ratePerMinute: 6_000,
    },
    catalog: {},
    media: {},
    models: {},
    jobs: { keep: 1_000 },
    checks: { keep: 500 },
    serving: { maxBodyBytes: 67_108_864, maxFiles: 64, maxPixels: 64_000_000 },
    training: { python: 'python3', commands: {} },
    import: { roots: [] },
  })
})

test('commands of trainers are programs with arguments, at the workspace or where they say', async () => {
  await writeFile(
    workspace.configFile,
    '[training]\npython = "venv/bin/python"\n[training.commands]\nshort = ["node", "train.mjs"]\nlong = { run = ["make"], cwd = "code" }\n',
  )
  expect((await loadConfig({ workspace, env: {} })).training).toEqual({
    python: join(folder, 'venv/bin/python'),
    commands: {
      short: { run: ['node', 'train.mjs'], cwd: folder },
      long: { run: ['make'], cwd: join(folder, 'code') },
    },
  })
  const given = { FOVEA_TRAINING_COMMANDS: '{"other": ["sh", "go.sh"]}', FOVEA_TRAINING_PYTHON: 'python3.12' }
  expect((await loadConfig({ workspace, env: given })).training).toEqual({
    python: 'python3.12',
    commands: { other: { run: ['sh', 'go.sh'], cwd: folder } },
  })
  for (const wrong of ['make all', '{"x": []}', '{"../x": ["make"]}', '{"x": "make all"}'])
    await expect(loadConfig({ workspace, env: { FOVEA_TRAINING_COMMANDS: wrong } })).rejects.toThrow(
      /environment FOVEA_TRAINING_COMMANDS: training\.commands = /,
    )
})

test('flags win over the environment, the environment over the file, the file over the defaults', async () => {
  await writeFile(
    workspace.configFile,
    '[server]\nport = 1001\nhost = "::1"\n[limits]\nratePerMinute = 5\n[import]\nroots = ["data", "/srv"]\n',
  )
  const config = await loadConfig({
    workspace,
    env: {
      FOVEA_SERVER_PORT: '1002',
      FOVEA_LIMITS_RATE_PER_MINUTE: '6',
      FOVEA_WORKSPACE: '/elsewhere',
      FOVEA_SERVER_ALLOWED_HOSTS: 'a.lan, b.lan',
      PATH: '/bin',
    },
    flags: { 'server.port': '1003', 'server.host': undefined },
  })
  expect(config.server).toEqual({ port: 1003, host: '::1', allowedHosts: ['a.lan', 'b.lan'] })
  expect(config.limits).toMatchObject({ ratePerMinute: 6, maxPixels: 250_000_000 })
  expect(config.import.roots).toEqual([join(folder, 'data'), '/srv'])
})

test('all problems are told at once, each with its source', async () => {
  await writeFile(workspace.configFile, '[server]\nprot = 1\nport = "many"\n[limits]\nmaxPixels = 0\n')
  const error = await loadConfig({
    workspace,
    env: { FOVEA_SEVER_PORT: '1', FOVEA_SERVER_TOKEN: 'short' },
    flags: { 'server.port': '99999' },
  }).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(FoveaError)
  const { code, details } = error as FoveaError
  expect(code).toBe('CONFIG_INVALID')
  const { problems } = details as { problems: string[] }
  expect(problems).toEqual([
    '.fovea/config.toml: server.prot is no setting; did you mean server.port?',
    '.fovea/config.toml: server.port = "many": Expected a whole number.',
    expect.stringContaining('.fovea/config.toml: limits.maxPixels = 0'),
    'environment: FOVEA_SEVER_PORT is no setting; did you mean FOVEA_SERVER_PORT?',
    'environment FOVEA_SERVER_TOKEN: server.token = "short": A token has at least 16 characters.',
    expect.stringContaining('flag --port: server.port = 99999'),
  ])
})

test('a file that is no TOML is a problem, not a crash', async () => {
  await writeFile(workspace.configFile, '[server\nport = ')
  await expect(loadConfig({ workspace, env: {} })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('.fovea/config.toml'),
  })
})
