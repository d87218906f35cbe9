import { createStore, useStore } from './store.ts'

/** Samples that are selected, by the number in s_12. */
export interface Selection {
  ids: ReadonlySet<number>
  /** Where a range begins. */
  anchor: number | null
}

const none: Selection = { ids: new Set(), anchor: null }
const store = createStore<Selection>(none)

export const useSelection = (): Selection => useStore(store)
export const getSelection = (): Selection => store.get()
export const clearSelection = (): void => store.set(none)
export const selectOnly = (id: number): void => store.set({ ids: new Set([id]), anchor: id })
export const selectMany = (ids: Iterable<number>, anchor: number | null = null): void =>
  store.set({ ids: new Set(ids), anchor })
export const addToSelection = (ids: Iterable<number>): void =>
  store.set(({ ids: old, anchor }) => ({ ids: new Set([...old, ...ids]), anchor }))

export function toggleSelected(id: number): void {
  store.set(({ ids: old }) => {
    const ids = new Set(old)
    if (!ids.delete(id)) ids.add(id)
    return { ids, anchor: id }
  })
}

/** From the anchor to a sample, in the order that the page shows. */
export function selectRange(order: Int32Array, id: number): void {
  const { anchor } = store.get()
  const from = anchor === null ? -1 : order.indexOf(anchor)
  const to = order.indexOf(id)
  if (from < 0 || to < 0) return selectOnly(id)
  const [low, high] = from < to ? [from, to] : [to, from]
  store.set({ ids: new Set(order.subarray(low, high + 1)), anchor })
}

/**
 * The selection as a query: its ids, or the query of the page when nothing is selected. Operations take at most 20 000 characters,
 * so a selection that is too large for a list of ids gives null.
 */
export function selectionQuery(query: string): string | null {
  const { ids } = store.get()
  if (ids.size === 0) return query
  const text = `id in (${[...ids].map((id) => `s_${id}`).join(', ')})`
  return text.length <= 20_000 ? text : null
}
