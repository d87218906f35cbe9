import { notify } from '../shell/notices.ts'
import { selectMany } from '../shell/selection.ts'
import { addCondition, getView, setView } from '../shell/view.ts'
import type { Mark } from './scene.ts'

/** Longest query that operations take. */
const mostCharacters = 20_000

/** Puts what a mark shows into the query. Samples that are too many for a list of ids are selected in place of that. */
export function pickMark({ pick }: Mark): void {
  if (pick === null) return
  const { query } = getView()
  const condition =
    'condition' in pick ? pick.condition : `id in (${pick.samples.map((sample) => `s_${sample}`).join(', ')})`
  if (condition.length + query.length < mostCharacters - 20) {
    if (!query.includes(condition)) setView({ query: addCondition(query, condition) })
    return
  }
  if (!('samples' in pick)) return
  selectMany(pick.samples)
  notify(`Selected ${pick.samples.length.toLocaleString('en')} samples: too many to be listed in a query.`, {
    label: 'Show the grid',
    run: () => setView({ tab: 'grid' }),
  })
}
