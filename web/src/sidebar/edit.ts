import { getView, setView } from '../shell/view.ts'
import { has, not, toggle } from './conditions.ts'

/** Changes the query of the page by a rule. */
export function editQuery(change: (query: string) => string): void {
  setView({ query: change(getView().query) })
}

/** How a query stands to a condition, and what a row of it does. */
export function rowOf(query: string, condition: string) {
  const opposite = not(condition)
  return {
    state: has(query, condition) ? ('in' as const) : has(query, opposite) ? ('out' as const) : ('none' as const),
    onInclude: () => editQuery((now) => toggle(now, condition, opposite)),
    onExclude: () => editQuery((now) => toggle(now, opposite, condition)),
  }
}
