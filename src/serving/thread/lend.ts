import type { TaskModel } from '#models'

interface Held {
  opening: Promise<TaskModel>
  uses: number
  timer: NodeJS.Timeout | undefined
}

export interface ModelLender {
  /** A model for a while: `close` of what comes back gives it back. Throws as `open` does. */
  borrow(key: string, open: () => Promise<TaskModel>): Promise<TaskModel>
  /** Closes what nobody uses; what is in use is closed when it is given back. */
  close(): Promise<void>
}

/**
 * Keeps models open for `lingerMs` after their last use: judging a version asks for it again and again, and opening its threads takes
 * longer than many an answer. A key stands for files that never change.
 */
export function createModelLender({ lingerMs }: { lingerMs: number }): ModelLender {
  const held = new Map<string, Held>()
  let isClosed = false

  const end = async (key: string, one: Held): Promise<void> => {
    clearTimeout(one.timer)
    if (held.get(key) === one) held.delete(key)
    const model = await one.opening.catch(() => undefined)
    await model?.close()
  }
  const giveBack = async (key: string, one: Held): Promise<void> => {
    one.uses--
    if (one.uses > 0) return
    if (isClosed) return end(key, one)
    one.timer = setTimeout(() => void end(key, one), lingerMs)
    one.timer.unref()
  }

  return {
    async borrow(key, open) {
      let one = held.get(key)
      if (one === undefined) {
        one = { opening: open(), uses: 0, timer: undefined }
        held.set(key, one)
      }
      const mine = one
      clearTimeout(mine.timer)
      mine.uses++
      let isMine = true
      try {
        const model = await mine.opening
        return {
          ...model,
          async close() {
            if (!isMine) return
            isMine = false
            await giveBack(key, mine)
          },
        }
      } catch (error) {
        // What could not be opened is tried again the next time.
        if (held.get(key) === mine) held.delete(key)
        throw error
      }
    },
    async close() {
      isClosed = true
      await Promise.all([...held].filter(([, one]) => one.uses === 0).map(([key, one]) => end(key, one)))
    },
  }
}
