/** What decodes pictures, told apart from the browser so that the order of work can be tested. */
export interface PictureReader<T> {
  read: (id: number, signal: AbortSignal) => Promise<T>
  bytesOf: (made: T) => number
  /** Frees what a picture holds. */
  drop: (made: T) => void
  budgetBytes: number
}

export interface PictureCache<T> {
  /** What is there already. */
  peek(key: string): T | undefined
  /** Reads a picture once, however many ask for it. Rejects with what the reader rejects with, or when it is no longer wanted. */
  load(key: string, id: number): Promise<T>
  /** Says which pictures are wanted now: they are not dropped, and reading of any others stops. */
  want(keys: readonly string[]): void
  forget(key: string): void
}

/** Keeps the pictures that were used last, up to so many bytes of decoded pixels. */
export function createPictureCache<T>({ read, bytesOf, drop, budgetBytes }: PictureReader<T>): PictureCache<T> {
  /** In order of use, the oldest first. */
  const kept = new Map<string, T>()
  const underway = new Map<string, { made: Promise<T>; abort: AbortController }>()
  let wanted = new Set<string>()

  const forget = (key: string): void => {
    const made = kept.get(key)
    if (made === undefined) return
    kept.delete(key)
    drop(made)
  }
  const makeRoom = (): void => {
    let bytes = 0
    for (const made of kept.values()) bytes += bytesOf(made)
    for (const [key, made] of kept) {
      if (bytes <= budgetBytes) return
      if (wanted.has(key)) continue
      bytes -= bytesOf(made)
      forget(key)
    }
  }

  return {
    forget,
    peek(key) {
      const made = kept.get(key)
      if (made !== undefined) {
        kept.delete(key)
        kept.set(key, made)
      }
      return made
    },
    load(key, id) {
      const made = kept.get(key)
      if (made !== undefined) return Promise.resolve(made)
      const begun = underway.get(key)
      if (begun !== undefined) return begun.made
      const abort = new AbortController()
      const reading = read(id, abort.signal).then(
        (fresh) => {
          if (underway.get(key)?.abort === abort) underway.delete(key)
          if (abort.signal.aborted) {
            drop(fresh)
            throw abort.signal.reason
          }
          kept.set(key, fresh)
          makeRoom()
          return fresh
        },
        (error: unknown) => {
          if (underway.get(key)?.abort === abort) underway.delete(key)
          throw error
        },
      )
      underway.set(key, { made: reading, abort })
      return reading
    },
    want(keys) {
      wanted = new Set(keys)
      for (const [key, { abort }] of underway)
        if (!wanted.has(key)) {
          underway.delete(key)
          abort.abort()
        }
      makeRoom()
    },
  }
}
