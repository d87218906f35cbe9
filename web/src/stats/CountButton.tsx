import { setView } from '../shell/view.ts'

/** A number of samples that leads to them. */
export function CountButton({ count, about, condition }: { count: number; about: string; condition: string }) {
  return (
    <button
      type="button"
      className="stats-count"
      aria-label={`Show ${count.toLocaleString('en')} ${about}`}
      title={condition}
      onClick={() => setView({ query: condition, tab: 'grid' })}
    >
      {count.toLocaleString('en')}
    </button>
  )
}
