import type { ApiError } from '../api/client.ts'
import { createStore, useStore } from './store.ts'

/** One line at the foot of the page, for what just happened. */
export interface Notice {
  id: number
  kind: 'done' | 'failed'
  text: string
  hint: string | null
  action: { label: string; run: () => void } | null
}

const shownMs = { done: 6_000, failed: 20_000 }
const store = createStore<readonly Notice[]>([])
let next = 1

export const useNotices = (): readonly Notice[] => useStore(store)
export const dropNotice = (id: number): void => store.set((all) => all.filter((notice) => notice.id !== id))

export function notify(text: string, action: Notice['action'] = null): void {
  push({ kind: 'done', text, hint: null, action })
}

export function notifyFailure(error: ApiError): void {
  push({ kind: 'failed', text: error.message, hint: error.hint ?? null, action: null })
}

function push(notice: Omit<Notice, 'id'>): void {
  const id = next++
  store.set((all) => [...all.slice(-3), { ...notice, id }])
  setTimeout(() => dropNotice(id), shownMs[notice.kind])
}
