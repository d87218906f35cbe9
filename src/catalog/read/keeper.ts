/** What was read of one dataset and is kept as long as nothing writes to it. */
export interface Keeper {
  /** What `make` reads: once for a key, however many ask at the same time. A failure is not kept. */
  keep<T>(key: string, make: () => Promise<T>, bytesOf: (made: T) => number): Promise<T>
  /** Whether the dataset is still as it was when this keeper was handed out. */
  isCurrent(): boolean
}

interface Kept {
  revision: number
  made: Promise<unknown>
  bytes: number
}

/** A million samples take 4 MB as the answer of a query, 8 MB for a field of numbers, 20 MB for five labels each. */
const mostBytes = 256_000_000

/** Keeps what was read of datasets, the newest first out of 256 MB. `revision` rises with every write to a dataset. */
export function createKeepers(revision: (datasetId: number) => number): (datasetId: number) => Keeper {
  const kept = new Map<string, Kept>()
  let bytes = 0

  const drop = (key: string): void => {
    bytes -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }
  const shrink = (): void => {
    for (const key of kept.keys()) if (bytes > mostBytes) drop(key)
  }

  return (datasetId) => {
    const now = revision(datasetId)
    return {
      isCurrent: () => revision(datasetId) === now,
      async keep<T>(name: string, make: () => Promise<T>, bytesOf: (made: T) => number): Promise<T> {
        const key = `${datasetId} ${name}`
        const found = kept.get(key)
        if (found?.revision === now) {
          // The one used longest ago stands first.
          kept.delete(key)
          kept.set(key, found)
          return found.made as Promise<T>
        }
        drop(key)
        const made = make()
        const entry: Kept = { revision: now, made, bytes: 0 }
        kept.set(key, entry)
        try {
          const value = await made
          if (kept.get(key) === entry) {
            entry.bytes = bytesOf(value)
            bytes += entry.bytes
            shrink()
          }
          return value
        } catch (error) {
          if (kept.get(key) === entry) drop(key)
          throw error
        }
      },
    }
  }
}
