import { FoveaError, toFoveaError } from '#base'

export interface BatchOptions {
  /** Most rows of one run; an item with more rows runs alone. */
  maxSize: number
  /** Longest wait, from the first of a batch, for items that were announced. */
  maxDelayMs: number
}

/** What the batcher keeps of a run, for statistics. */
export interface RunFacts {
  rows: number
  computeMs: number
}

export interface Batched<R> {
  value: R
  queueMs: number
  computeMs: number
  /** Rows of the run it was part of. */
  batchSize: number
}

export interface Batcher<T, R> {
  /** Says that an item is on its way; call what comes back when it was added, or will not be. */
  announce(): () => void
  /** Throws what the run threw, or the reason of the signal, which also takes a waiting item out of the queue. */
  add(item: T, signal: AbortSignal): Promise<Batched<R>>
  setOptions(options: BatchOptions): void
  /** Resolves when nothing waits and nothing runs. */
  drain(): Promise<void>
}

interface Waiting<T, R> {
  item: T
  atMs: number
  rows: number
  key: string
  settle(outcome: { ok: true; value: Batched<R> } | { ok: false; error: unknown }): void
}

/**
 * Gathers single items into runs. An item that finds the model idle, with nothing else on its way, runs at once: waiting happens
 * only behind a run, or for items that were announced and are still being decoded. Items of one run have the same key. When a run of
 * several fails, each is run by itself, so that one bad item costs no other its answer. A run beyond the lanes is handed over if it is
 * a whole batch, so that it is there when another ends.
 */
export function createBatcher<T, R>(deps: {
  /** `alone`: nothing else runs, waits or was announced. */
  run: (items: readonly T[], alone: boolean) => Promise<readonly R[]>
  rowsOf?: (item: T) => number
  keyOf?: (item: T) => string
  options: BatchOptions
  monotonic: () => number
  /** Runs that go on side by side; with several, what waits is shared among those that are free. */
  lanes?: number
  onRun?: (facts: RunFacts) => void
}): Batcher<T, R> {
  const { run, monotonic, lanes = 1 } = deps
  let { options } = deps
  const queue: Waiting<T, R>[] = []
  const idle: (() => void)[] = []
  let announced = 0
  let running = 0
  let timer: NodeJS.Timeout | undefined

  /** Running it together with others would gain nothing, and they would have to be laid one behind the other. */
  const isLarge = ({ rows }: Waiting<T, R>): boolean => rows > 1 && 2 * rows >= options.maxSize

  const takeBatch = (mostRows: number): Waiting<T, R>[] => {
    const { key } = queue[0]!
    const batch: Waiting<T, R>[] = []
    let rows = 0
    for (let i = 0; i < queue.length;) {
      const next = queue[i]!
      if (next.key !== key) i++
      else if (batch.length > 0 && (rows + next.rows > mostRows || isLarge(next))) break
      else {
        rows += next.rows
        batch.push(...queue.splice(i, 1))
        if (rows >= mostRows || isLarge(next)) break
      }
    }
    return batch
  }

  const runBatch = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    const startMs = monotonic()
    try {
      const isAlone = running === 1 && queue.length === 0 && announced === 0
      const values = await run(
        batch.map(({ item }) => item),
        isAlone,
      )
      const computeMs = monotonic() - startMs
      const batchSize = batch.reduce((sum, { rows }) => sum + rows, 0)
      if (values.length !== batch.length)
        throw new FoveaError('MODEL_OUTPUT', `Expected ${batch.length} answers of one run, got ${values.length}.`)
      deps.onRun?.({ rows: batchSize, computeMs })
      batch.forEach((one, i) =>
        one.settle({ ok: true, value: { value: values[i]!, queueMs: startMs - one.atMs, computeMs, batchSize } }),
      )
    } catch (error) {
      if (batch.length === 1) batch[0]!.settle({ ok: false, error })
      else for (const one of batch) await runBatch([one])
    }
  }

  const pump = (): void => {
    clearTimeout(timer)
    timer = undefined
    while (queue.length > 0 && running <= lanes) {
      const rows = queue.reduce((sum, one) => sum + one.rows, 0)
      const isWhole = rows >= options.maxSize || isLarge(queue[0]!)
      const waitedMs = monotonic() - queue[0]!.atMs
      if (announced > 0 && !isWhole && waitedMs < options.maxDelayMs) {
        timer = setTimeout(pump, Math.max(1, options.maxDelayMs - waitedMs))
        return
      }
      // A run that has no lane to itself waits for a whole batch: what comes meanwhile joins it.
      if (running >= lanes && !isWhole) return
      const share = Math.ceil(rows / Math.max(1, lanes - running))
      running++
      void runBatch(takeBatch(Math.min(options.maxSize, share))).finally(() => {
        running--
        pump()
      })
    }
    if (queue.length === 0 && running === 0) for (const done of idle.splice(0)) done()
  }

  return {
    announce() {
      announced++
      let isOpen = true
      return () => {
        if (!isOpen) return
        isOpen = false
        announced--
        if (announced === 0 && queue.length > 0) pump()
      }
    },
    add(item, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason as Error)
          return
        }
        const waiting: Waiting<T, R> = {
          item,
          atMs: monotonic(),
          rows: deps.rowsOf?.(item) ?? 1,
          key: deps.keyOf?.(item) ?? '',
          settle(outcome) {
            signal.removeEventListener('abort', onAbort)
            if (outcome.ok) resolve(outcome.value)
            else reject(toFoveaError(outcome.error))
          },
        }
        // One that runs already is run to its end; its answer is dropped.
        const onAbort = (): void => {
          const at = queue.indexOf(waiting)
          if (at !== -1) queue.splice(at, 1)
          reject(signal.reason as Error)
          if (at !== -1) pump()
        }
        signal.addEventListener('abort', onAbort, { once: true })
        queue.push(waiting)
        pump()
      })
    },
    setOptions(given) {
      options = given
      pump()
    },
    drain() {
      if (queue.length === 0 && running === 0) return Promise.resolve()
      return new Promise((resolve) => idle.push(resolve))
    },
  }
}
