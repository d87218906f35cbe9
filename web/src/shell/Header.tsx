import { openPalette } from '../actions/palette-state.ts'
import { toggleJobs } from '../actions/jobs-state.ts'
import { redo, undo, useJobs } from './changes.ts'
import { DatasetChoice } from './DatasetChoice.tsx'
import { toggleTheme } from './theme.ts'
import { baseOf, setView, tabs, useView, type Tab } from './view.ts'
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
  const dataset = view.dataset === null ? undefined : baseOf(view.dataset)
  return (
    <header className="header">
      <span className="brand">fovea</span>
      <DatasetChoice datasets={datasets} />
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
