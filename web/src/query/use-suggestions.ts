import { useEffect, useState } from 'react'
import { useCall } from '../shell/data.ts'
import type { Draft, Suggestion } from './insert.ts'
import { useSettled } from './use-settled.ts'

const pauseMs = 60
const none: readonly Suggestion[] = []

/** The menu under the bar: what may come next at the cursor, while it is asked for. */
export function useSuggestions(dataset: string | null, draft: Draft, isOpen: boolean) {
  const settled = useSettled(draft, pauseMs)
  const { data, isPlaceholderData } = useCall(
    'query.complete',
    { dataset: dataset ?? undefined, query: settled.text, at: settled.at, limit: 50 },
    { enabled: isOpen && dataset !== null },
  )
  // A suggestion fits only the text it was made for.
  const fits = settled.text === draft.text && settled.at === draft.at && !isPlaceholderData
  const [shown, setShown] = useState(none)
  const fresh = fits ? data?.suggestions : undefined
  useEffect(() => {
    if (!isOpen) setShown(none)
    else if (fresh !== undefined) setShown(fresh)
  }, [isOpen, fresh])
  const [chosen, setChosen] = useState(-1)
  useEffect(() => setChosen(-1), [shown])
  return { shown, fits, chosen: Math.min(chosen, shown.length - 1), choose: setChosen }
}
