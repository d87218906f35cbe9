import { openPalette } from '../actions/palette-state.ts'
import { toggleJobs } from '../actions/jobs-state.ts'
import { redo, undo, useJobs } from './changes.ts'
import { toggleTheme } from './theme.ts'
import { setView, tabs, useView, type Tab } from './view.ts'
import { You } from './You.tsx'

const titles: Record<Tab, string> = {
  grid: 'Grid',
  map: 'Map',
  stats: 'Statistics',
  card: 'Card',
  checks: 'Checks',
  runs: 'Runs',
  models: 'Models',
  endpoints: 'Endpoints',
}

export function Header({ datasets }: { datasets: readonly { name: string; samples: number }[] }) {
  const view = useView()
  const running = useJobs().filter((job) => job.endedAt === null).length
  const dataset = view.dataset ?? undefined
  return (
    <header className="header">
      <span className="brand">fovea</span>
      <label className="visually-hidden" htmlFor="dataset">
        Dataset
      </label>
      <select
        id="dataset"
        value={view.dataset ?? ''}
        onChange={(event) =>
          setView({ dataset: event.target.value, query: '', sample: null, space: null, group: null, report: null })
        }
      >
        {view.dataset !== null && !datasets.some(({ name }) => name === view.dataset) && (
          <option value={view.dataset}>
            {view.dataset}
            {datasets.length > 0 && ' (not there)'}
          </option>
        )}
        {datasets.map(({ name, samples }) => (
          <option key={name} value={name}>
            {name} ({samples.toLocaleString('en')})
          </option>
        ))}
      </select>
      <nav className="tabs" aria-label="Views">
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            aria-current={view.tab === tab ? 'page' : undefined}
            onClick={() => setView({ tab })}
          >
            {titles[tab]}
          </button>
        ))}
      </nav>
      <span className="spring" />
      <button type="button" onClick={() => void undo(undefined, dataset)} title="Undo (Ctrl+Z)">
        Undo
      </button>
      <button type="button" onClick={() => void redo(undefined, dataset)} title="Redo (Ctrl+Shift+Z)">
        Redo
      </button>
      <button type="button" onClick={toggleJobs} title="Jobs">
        Jobs{running > 0 ? ` (${running})` : ''}
      </button>
      <button type="button" onClick={openPalette} title="All commands (Ctrl+K)">
        Commands
      </button>
      <button type="button" onClick={toggleTheme} title="Light or dark">
        Theme
      </button>
      <You />
    </header>
  )
}
