import { FoveaError, type Clock } from '#base'
import type { Endpoint, EndpointSettings } from '#contract'
import type { ModelRegistry, ModelVersion } from '#models'
import { createAnswerWriter } from './answer/write.ts'
import { readEndpoints, writeEndpoints } from './endpoint-file.ts'
import { createEndpoint, type LiveEndpoint } from './endpoint.ts'
import { isKey, looksLikeKey, makeKey } from './keys.ts'
import { createModelPool } from './model-pool.ts'
import { mergeSettings } from './settings.ts'
import { checkThreshold } from './thresholds.ts'
import type { DeployChanges, OpenModel, Serving, StoredEndpoint } from './types.ts'

/** Served versions that are remembered for each endpoint. */
const mostHistory = 50

export interface ServingDeps {
  /** `.fovea/serving/endpoints.json`. */
  file: string
  registry: ModelRegistry
  openModel: OpenModel
  clock: Clock
  /** How often aliases are looked at; 0 leaves it to `refresh`. */
  followMs?: number
}

/** The endpoints of a workspace: kept in a file, opened once `start` is called. Throws CONFIG_INVALID for a file that is not ours. */
export function createServing(deps: ServingDeps): Serving {
  const { file, registry, clock } = deps
  const pool = createModelPool({ registry, openModel: deps.openModel })
  const answers = createAnswerWriter()
  const live = new Map<string, LiveEndpoint>()
  let stored: Promise<Map<string, StoredEndpoint>> | undefined
  let starting: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let [isStarted, isClosed] = [false, false]
  let last: Promise<unknown> = Promise.resolve()

  const now = (): string => new Date(clock.now()).toISOString()
  const all = (): Promise<Map<string, StoredEndpoint>> =>
    (stored ??= readEndpoints(file).then(
      (endpoints) => new Map(endpoints.map((endpoint) => [endpoint.name, endpoint])),
      (error: unknown) => {
        stored = undefined
        throw error
      },
    ))
  /** Changes of the endpoints come one after the other. */
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  const find = async (name: string): Promise<StoredEndpoint> => {
    const endpoints = await all()
    const found = endpoints.get(name)
    if (found !== undefined) return found
    const known = [...endpoints.keys()].join(', ')
    throw new FoveaError('ENDPOINT_NOT_FOUND', `There is no endpoint ${JSON.stringify(name)}.`, {
      hint: known === '' ? 'Make one with: fovea endpoints deploy NAME MODEL' : `There is ${known}.`,
    })
  }
  const findLive = async (name: string): Promise<LiveEndpoint> => {
    await find(name)
    const found = live.get(name)
    if (found !== undefined) return found
    throw new FoveaError('ENDPOINT_NOT_FOUND', `Endpoint ${name} is not open: no server has been started for it.`, {
      hint: 'Start one with: fovea up',
    })
  }
  const save = async (endpoint: StoredEndpoint): Promise<void> => {
    const endpoints = await all()
    await writeEndpoints(file, [...new Map(endpoints).set(endpoint.name, endpoint).values()])
    endpoints.set(endpoint.name, endpoint)
  }
  const withHistory = (
    endpoint: StoredEndpoint,
    version: ModelVersion,
    reference: string,
    actor: string,
  ): StoredEndpoint => {
    const newest = endpoint.history.at(-1)
    if (newest?.model === version.model && newest.version === version.version) return endpoint
    const entry = { at: now(), actor, reference, model: version.model, version: version.version }
    return { ...endpoint, history: [...endpoint.history, entry].slice(-mostHistory) }
  }
  /** Notes a version that took over by itself, because an alias moved. */
  const onPrimary = (name: string, version: ModelVersion, reference: string): void => {
    void exclusive(async () => {
      const endpoint = (await all()).get(name)
      if (endpoint === undefined) return
      const noted = withHistory(endpoint, version, reference, 'alias')
      if (noted !== endpoint) await save(noted)
    }).catch(() => {
      // The disk may be full; serving goes on, and the next change writes it.
    })
  }
  const goLive = ({ name, settings }: Pick<StoredEndpoint, 'name' | 'settings'>): LiveEndpoint => {
    const made = createEndpoint({
      name,
      settings,
      registry,
      pool,
      clock,
      onPrimary: (version, reference) => onPrimary(name, version, reference),
    })
    live.set(name, made)
    return made
  }

  const openNew = async (endpoint: Pick<StoredEndpoint, 'name' | 'settings'>): Promise<void> => {
    const made = goLive(endpoint)
    try {
      await made.apply(endpoint.settings)
    } catch (error) {
      live.delete(endpoint.name)
      await made.close()
      throw error
    }
  }

  const describe = (endpoint: StoredEndpoint): Endpoint => {
    const running = live.get(endpoint.name)
    return {
      name: endpoint.name,
      state: running?.state() ?? 'stopped',
      settings: endpoint.settings,
      serving: (running?.slots() ?? []).map(({ role, reference, version, model }) => ({
        role,
        reference,
        model: version.model,
        version: version.version,
        task: version.task,
        classes: [...model.classes],
      })),
      problem: running?.problem() ?? null,
      keys: endpoint.keys.map(({ id, label, createdAt, ratePerMinute }) => ({ id, label, createdAt, ratePerMinute })),
      history: endpoint.history,
      createdAt: endpoint.createdAt,
      updatedAt: endpoint.updatedAt,
    }
  }

  /** Opens what settings name and lets it go again: what cannot be opened is not deployed, server or not. */
  const tryOut = async (settings: EndpointSettings): Promise<void> => {
    for (const reference of [settings.model, settings.canary?.model, settings.shadow]) {
      if (reference === undefined || reference === null) continue
      const lease = await pool.acquire(reference)
      try {
        checkThreshold(lease.version.task, settings.threshold)
      } finally {
        await lease.release()
      }
    }
  }

  const deploy = (name: string, changes: DeployChanges, actor: string): Promise<Endpoint> =>
    exclusive(async () => {
      const before = (await all()).get(name)
      const settings = mergeSettings(name, before?.settings, changes)
      const running = live.get(name)
      if (running !== undefined) await running.apply(settings)
      else if (isStarted) await openNew({ name, settings })
      else await tryOut(settings)
      const base: StoredEndpoint = before ?? {
        name,
        settings,
        keys: [],
        history: [],
        createdAt: now(),
        updatedAt: now(),
      }
      const version = await registry.find(settings.model)
      const next = withHistory({ ...base, settings, updatedAt: now() }, version, settings.model, actor)
      await save(next)
      return describe(next)
    })

  const startNow = async (only?: readonly string[]): Promise<void> => {
    const endpoints = [...(await all()).values()].filter(({ name }) => only?.includes(name) ?? true)
    isStarted = true
    // One after the other: opening a network takes all cores.
    const opened = endpoints.map((endpoint) => [goLive(endpoint), endpoint] as const)
    for (const [endpoint, { history }] of opened) await endpoint.open(history)
    const followMs = deps.followMs ?? 2_000
    if (followMs === 0 || isClosed) return
    const follow = (): void => {
      timer = setTimeout(() => void refresh().finally(() => isClosed || follow()), followMs)
      timer.unref()
    }
    follow()
  }
  const refresh = async (): Promise<void> => {
    for (const endpoint of live.values()) await endpoint.follow()
    // What took over is in the history when this resolves.
    await last
  }

  return {
    start: (only) => (starting ??= startNow(only)),
    list: async () => [...(await all()).values()].map(describe),
    show: async (name) => describe(await find(name)),
    deploy,
    async rollback(name, actor) {
      await last
      const { history } = await find(name)
      const current = history.at(-1)
      const target = history.findLast(({ model, version }) => model !== current?.model || version !== current.version)
      if (target === undefined)
        throw new FoveaError('UNDO_NOTHING', `Endpoint ${name} has served one version only.`, {
          hint: 'Deploy another with: fovea endpoints deploy NAME MODEL',
        })
      return deploy(name, { model: `${target.model}:${target.version}`, canary: null }, actor)
    },
    remove: (name) =>
      exclusive(async () => {
        await find(name)
        const endpoints = await all()
        await writeEndpoints(
          file,
          [...endpoints.values()].filter((endpoint) => endpoint.name !== name),
        )
        endpoints.delete(name)
        const running = live.get(name)
        live.delete(name)
        await running?.close()
      }),
    addKey: (name, about) =>
      exclusive(async () => {
        const endpoint = await find(name)
        const { key, stored: made } = makeKey({ ...about, createdAt: now() })
        await save({ ...endpoint, keys: [...endpoint.keys, made] })
        return { id: made.id, key }
      }),
    removeKey: (name, id) =>
      exclusive(async () => {
        const endpoint = await find(name)
        const keys = endpoint.keys.filter((key) => key.id !== id)
        if (keys.length === endpoint.keys.length)
          throw new FoveaError('KEY_NOT_FOUND', `Endpoint ${name} has no key ${JSON.stringify(id)}.`, {
            hint: keys.length === 0 ? 'It has none.' : `It has ${endpoint.keys.map((key) => key.id).join(', ')}.`,
          })
        await save({ ...endpoint, keys })
      }),
    async matchKey(key) {
      if (!looksLikeKey(key)) return undefined
      for (const { name, keys } of (await all()).values()) {
        const found = keys.find((one) => isKey(one, key))
        if (found !== undefined)
          return { endpoint: name, id: found.id, label: found.label, ratePerMinute: found.ratePerMinute }
      }
      return undefined
    },
    hasKeys: async (name) => ((await all()).get(name)?.keys.length ?? 0) > 0,
    refresh,
    predict: async (name, picture, request) => (await findLive(name)).predict(picture, request),
    infer: async (name, tensors, request) => (await findLive(name)).infer(tensors, request),
    models: async (name, version) => (await findLive(name)).models(version),
    async statistics(name) {
      await find(name)
      return live.get(name)?.statistics() ?? []
    },
    counters: async () => [...live.values()].flatMap((endpoint) => endpoint.counters()),
    answers,
    isReady: () => isStarted && [...live.values()].every((endpoint) => endpoint.state() !== 'loading'),
    async close() {
      isClosed = true
      clearTimeout(timer)
      await starting?.catch(() => {})
      clearTimeout(timer)
      await Promise.all([...live.values()].map((endpoint) => endpoint.close()))
      live.clear()
      await last
      await answers.close()
    },
  }
}
