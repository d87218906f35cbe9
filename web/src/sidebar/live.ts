import { queryClient } from '../shell/data.ts'
import { hurry, rest } from '../shell/haste.ts'
import { getView, setView } from '../shell/view.ts'

const everyMs = 100
const patienceMs = 1_500
const restMs = 1_000
/** Pictures wait this long for the drag to go on. */
const hasteMs = 400

/**
 * Changes the query while something is dragged: at most every 100 ms, and not before the panels have shown the last change, as
 * long as that takes less than 1.5 s. The whole drag is one step in the browser's history. `change` gets the query as it is.
 */
export function createLiveQuery() {
  let timer: ReturnType<typeof setTimeout> | undefined
  let pending: ((query: string) => string) | undefined
  let lastAt = -Infinity
  let mine: string | null = null
  let isHeld = false

  const write = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (pending === undefined) return
    const change = pending
    pending = undefined
    const now = getView().query
    const next = change(now)
    lastAt = performance.now()
    if (next === now) return
    setView({ query: next }, { replace: mine !== null && mine === now })
    mine = next
  }
  const tryWrite = (): void => {
    timer = undefined
    const age = performance.now() - lastAt
    const isBusy = age < patienceMs && queryClient.isFetching() > 0
    if (age >= everyMs && !isBusy) write()
    else timer = setTimeout(tryWrite, Math.max(15, everyMs - age))
  }
  return {
    /** Asks for a change that goes on with the last one. */
    move(change: (query: string) => string): void {
      if (performance.now() - lastAt > restMs && pending === undefined && !isHeld) mine = null
      pending = change
      hurry(hasteMs)
      if (timer === undefined) tryWrite()
    },
    /** A drag begins: what comes is a new step. */
    begin(): void {
      isHeld = true
      mine = null
    },
    /** The drag is over: what is still to be written is written now. */
    end(): void {
      rest()
      write()
      isHeld = false
      mine = null
    },
    /** Writes what is still to be written; more may follow. */
    flush: write,
    close(): void {
      clearTimeout(timer)
    },
  }
}
