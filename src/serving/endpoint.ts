import { FoveaError, toFoveaError, type Clock } from '#base'
import type { Endpoint, EndpointSettings, ServedStatistics } from '#contract'
import type { ModelRegistry, ModelVersion, PictureSource } from '#models'
import type { ModelPool } from './model-pool.ts'
import { orAborted } from './or-aborted.ts'
import { gone, readSlot, retryAfterSeconds, timedOut, unknownVersion } from './refusals.ts'
import { createShadow, type Shadow } from './shadow.ts'
import { shareOf } from './share.ts'
import { createSlot, type Slot } from './slot.ts'
import { checkTensors } from './tensor-batch.ts'
import { checkThreshold, usualThreshold } from './thresholds.ts'
import type {
  HistoryEntry,
  RequestFacts,
  Role,
  Served,
  ServedModel,
  ServedPrediction,
  ServedTensors,
  Serving,
  VersionCounters,
} from './types.ts'

type Tensors = Parameters<Serving['infer']>[1]

/** An endpoint while a server runs. */
export interface LiveEndpoint {
  state(): 'loading' | 'ready' | 'failed'
  problem(): Endpoint['problem']
  slots(): readonly Slot[]
  /** Opens what the settings name, else the newest version of the history that can be opened. Never throws. */
  open(history: readonly HistoryEntry[]): Promise<void>
  /** Opens and warms what other settings name, then swaps. Throws what opening throws; then nothing has changed. */
  apply(settings: EndpointSettings): Promise<void>
  /** Follows aliases that have moved. Never throws: what cannot be opened becomes the problem. */
  follow(): Promise<void>
  predict(picture: PictureSource, request: RequestFacts): Promise<ServedPrediction>
  infer(tensors: Tensors, request: RequestFacts): Promise<ServedTensors>
  models(version?: string): ServedModel[]
  statistics(): ServedStatistics[]
  counters(): VersionCounters[]
  close(): Promise<void>
}

/** A version that could not be opened is tried again after so long, unless its alias moves before. */
const retryMs = 60_000

const roles = ['primary', 'canary', 'shadow'] as const

export function createEndpoint(deps: {
  name: string
  settings: EndpointSettings
  registry: ModelRegistry
  pool: ModelPool
  clock: Clock
  /** A version took over as primary. */
  onPrimary: (version: ModelVersion, reference: string) => void
}): LiveEndpoint {
  const { name, registry, pool, clock } = deps
  let { settings } = deps
  const slots = new Map<Role, Slot>()
  let shadow: Shadow | undefined
  let problem: Endpoint['problem'] = null
  let isOpened = false
  let markOpened = (): void => {}
  const opened = new Promise<void>((resolve) => (markOpened = resolve))
  let isClosed = false
  let waiting = 0
  const refused = new Map<string, number>()
  const closing = new Set<Promise<void>>()
  let last: Promise<unknown> = Promise.resolve()

  /** Changes of what is served come one after the other. */
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  const referenceOf = (given: EndpointSettings, role: Role): string | undefined => {
    if (role === 'primary') return given.model
    return (role === 'canary' ? given.canary?.model : given.shadow) ?? undefined
  }

  const openSlot = async (role: Role, reference: string, given: EndpointSettings): Promise<Slot> => {
    const lease = await pool.acquire(reference)
    try {
      checkThreshold(lease.version.task, given.threshold)
      return createSlot({ role, reference, lease, batching: given.batching, clock })
    } catch (error) {
      await lease.release()
      throw error
    }
  }

  const place = (role: Role, slot: Slot | undefined): void => {
    const old = slots.get(role)
    if (slot === undefined) slots.delete(role)
    else slots.set(role, slot)
    const before = role === 'shadow' ? shadow : undefined
    if (role === 'shadow') shadow = slot === undefined ? undefined : createShadow({ slot })
    if (role === 'primary' && slot !== undefined) deps.onPrimary(slot.version, slot.reference)
    if (old === undefined) return
    const ended = Promise.resolve(before?.close())
      .then(() => old.close())
      .catch((error: unknown) => remember(role, old.reference, error))
      .finally(() => closing.delete(ended))
    closing.add(ended)
  }

  const remember = (role: Role, reference: string, error: unknown): void => {
    const { code, message } = toFoveaError(error)
    problem = { role, reference, code, message, at: new Date(clock.now()).toISOString() }
  }

  const followRole = async (role: Role): Promise<boolean> => {
    const reference = referenceOf(settings, role)
    if (reference === undefined) return true
    let key = reference
    try {
      const version = await registry.find(reference)
      const slot = slots.get(role)
      if (slot !== undefined && isSame(slot.version, version)) return true
      key = `${role} ${version.model}:${version.version}`
      if ((refused.get(key) ?? -Infinity) > clock.monotonic()) return false
      place(role, await openSlot(role, reference, settings))
      refused.delete(key)
      return true
    } catch (error) {
      refused.set(key, clock.monotonic() + retryMs)
      remember(role, reference, error)
      return false
    }
  }

  const followNow = async (): Promise<void> => {
    if (isClosed) return
    let areAllServed = true
    for (const role of roles) areAllServed = (await followRole(role)) && areAllServed
    if (areAllServed) problem = null
  }

  const choose = (requestId: string, version?: string): Slot => {
    const [primary, canary] = [slots.get('primary'), slots.get('canary')]
    if (primary === undefined)
      throw new FoveaError(
        'MODEL_INVALID',
        `Endpoint ${name} serves nothing: ${problem?.message ?? 'it is still loading.'}`,
        {
          hint: `Deploy a version that can be opened: fovea endpoints deploy ${name} MODEL`,
        },
      )
    if (version !== undefined) {
      const named = [primary, canary].find((slot) => slot !== undefined && String(slot.version.version) === version)
      if (named !== undefined) return named
      throw unknownVersion(name, version, [primary, ...(canary === undefined ? [] : [canary])])
    }
    return canary !== undefined && shareOf(requestId) < (settings.canary?.share ?? 0) ? canary : primary
  }

  const admit = ({ requestId }: RequestFacts, version?: string): void => {
    const full = waiting >= settings.queueLimit
    if (!full && !isClosed) return
    const slot = slots.has('primary') ? choose(requestId, version) : undefined
    slot?.statistics.failed('OVERLOADED', 0)
    const seconds = slot === undefined ? 1 : retryAfterSeconds(slot, waiting)
    throw new FoveaError(
      'OVERLOADED',
      full
        ? `Expected at most ${settings.queueLimit} requests of endpoint ${name} at once; as many are waiting.`
        : `Endpoint ${name} is being closed.`,
      { hint: `Try again in ${seconds} s.`, details: { retryAfterSeconds: seconds } },
    )
  }

  /** Runs a request under the limits of the endpoint. One that comes while the versions are being opened waits for them. */
  const serve = async <R extends { timing: Served['timing'] }>(
    request: RequestFacts,
    work: (slot: Slot, signal: AbortSignal) => Promise<R>,
    version?: string,
  ): Promise<R & Served> => {
    admit(request, version)
    const { timeoutMs } = settings
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(timedOut(name, timeoutMs)), timeoutMs)
    const onGone = (): void => stop.abort(gone())
    if (request.signal?.aborted) onGone()
    request.signal?.addEventListener('abort', onGone, { once: true })
    waiting++
    try {
      if (!slots.has('primary')) await orAborted(opened, stop.signal)
      const slot = choose(request.requestId, version)
      const result = await work(slot, stop.signal)
      return {
        ...result,
        role: slot.role,
        version: slot.version,
        threshold: settings.threshold ?? usualThreshold(slot.model.card),
      }
    } finally {
      waiting--
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', onGone)
    }
  }

  return {
    state: () => (slots.has('primary') ? 'ready' : isOpened ? 'failed' : 'loading'),
    problem: () => problem,
    slots: () => roles.flatMap((role) => slots.get(role) ?? []),
    open: (history) =>
      exclusive(async () => {
        await followNow()
        const tried = new Set<string>()
        for (const { model, version } of history.toReversed()) {
          if (slots.has('primary') || isClosed) break
          const pinned = `${model}:${version}`
          if (tried.has(pinned)) continue
          tried.add(pinned)
          const slot = await openSlot('primary', pinned, settings).catch(() => undefined)
          if (slot !== undefined) place('primary', slot)
        }
        isOpened = true
        markOpened()
      }),
    apply: (next) =>
      exclusive(async () => {
        const fresh = new Map<Role, Slot>()
        try {
          for (const role of roles) {
            const reference = referenceOf(next, role)
            if (reference === undefined) continue
            const version = await registry.find(reference)
            const current = slots.get(role)
            if (current === undefined || current.reference !== reference || !isSame(current.version, version))
              fresh.set(role, await openSlot(role, reference, next))
            else checkThreshold(version.task, next.threshold)
          }
        } catch (error) {
          for (const slot of fresh.values()) await slot.close()
          throw error
        }
        settings = next
        for (const role of roles) {
          if (referenceOf(next, role) === undefined) place(role, undefined)
          else if (fresh.has(role)) place(role, fresh.get(role))
          slots.get(role)?.setBatching(next.batching)
        }
        problem = null
        refused.clear()
        isOpened = true
        markOpened()
      }),
    follow: () => exclusive(followNow),
    async predict(picture, request) {
      const served = await serve(request, (slot, signal) => slot.predict(picture, signal))
      shadow?.offer(picture, served.prediction, () => waiting)
      return served
    },
    async infer({ version, inputs, outputs }, request) {
      return serve(
        request,
        (slot, signal) => slot.infer(checkTensors(slot.model.signature, inputs, outputs), signal),
        version,
      )
    },
    models(version) {
      const answering = [slots.get('primary'), slots.get('canary')].filter((slot) => slot !== undefined)
      const named = answering.filter((slot) => version === undefined || String(slot.version.version) === version)
      if (version !== undefined && named.length === 0) throw unknownVersion(name, version, answering)
      return named.map((slot) => ({
        role: slot.role,
        version: slot.version,
        signature: slot.model.signature,
        settings,
      }))
    },
    statistics: () => roles.flatMap((role) => (slots.has(role) ? [readSlot(slots.get(role)!)] : [])),
    counters: () =>
      roles.flatMap((role) => {
        const slot = slots.get(role)
        if (slot === undefined) return []
        return [{ endpoint: name, statistics: readSlot(slot), ...slot.statistics.counters() }]
      }),
    async close() {
      isClosed = true
      markOpened()
      await exclusive(async () => {
        await shadow?.close()
        await Promise.all([...slots.values()].map((slot) => slot.close()))
        slots.clear()
        await Promise.all(closing)
      })
    },
  }
}

const isSame = (a: ModelVersion, b: ModelVersion): boolean => a.model === b.model && a.version === b.version
