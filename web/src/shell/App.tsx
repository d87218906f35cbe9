import { lazy, Suspense, useEffect, useMemo } from 'react'
import { ActionBar } from '../actions/ActionBar.tsx'
import { openImport } from '../actions/import-state.ts'
import { JobsDrawer } from '../actions/JobsDrawer.tsx'
import { Palette } from '../actions/Palette.tsx'
import { Grid } from '../grid/Grid.tsx'
import { QueryBar } from '../query/QueryBar.tsx'
import { Sidebar } from '../sidebar/Sidebar.tsx'
import { loadJobs, redo, undo } from './changes.ts'
import { useCall, useConnection, useLiveChanges } from './data.ts'
import { Header } from './Header.tsx'
import { useCommands, type Command } from './keys.ts'
import { Notices } from './Notices.tsx'
import { clearSelection } from './selection.ts'
import { baseOf, getView, setView, useView, workspaceTabs } from './view.ts'

const MapView = lazy(() => import('../map/MapView.tsx').then(({ MapView: component }) => ({ default: component })))
const StatsView = lazy(() =>
  import('../stats/StatsView.tsx').then(({ StatsView: component }) => ({ default: component })),
)
const CardView = lazy(() => import('../stats/CardView.tsx').then(({ CardView: component }) => ({ default: component })))
const ChecksView = lazy(() =>
  import('../checks/ChecksView.tsx').then(({ ChecksView: component }) => ({ default: component })),
)
const RunsView = lazy(() => import('../runs/RunsView.tsx').then(({ RunsView: component }) => ({ default: component })))
const ModelsView = lazy(() =>
  import('../models/ModelsView.tsx').then(({ ModelsView: component }) => ({ default: component })),
)
const EndpointsView = lazy(() =>
  import('../endpoints/EndpointsView.tsx').then(({ EndpointsView: component }) => ({ default: component })),
)
const SampleView = lazy(() =>
  import('../sample/SampleView.tsx').then(({ SampleView: component }) => ({ default: component })),
)

const shownDataset = (): string | undefined => {
  const { dataset } = getView()
  return dataset === null ? undefined : baseOf(dataset)
}

/** The page: header and query on top, tree and fields on the left, one of five views, the open sample over it; or a view of the workspace. */
export function App() {
  const view = useView()
  const datasets = useCall('dataset.list', {})
  const connection = useConnection()
  useLiveChanges()
  useEffect(() => void loadJobs().catch(() => {}), [])

  // Without a dataset in the address, the first one is shown.
  const first = datasets.data?.datasets[0]?.name
  useEffect(() => {
    if (getView().dataset === null && first !== undefined) setView({ dataset: first })
  }, [first])
  // A selection belongs to the dataset it was made in.
  useEffect(() => clearSelection(), [view.dataset])

  const commands = useMemo<Command[]>(
    () => [
      {
        id: 'undo',
        title: 'Undo the last change',
        keys: 'ctrl+z',
        run: () => void undo(undefined, shownDataset()),
      },
      {
        id: 'redo',
        title: 'Redo what was undone',
        keys: 'ctrl+shift+z',
        run: () => void redo(undefined, shownDataset()),
      },
      { id: 'samples', title: 'Go to the samples', keys: 'g', run: goToSamples },
      { id: 'tab.grid', title: 'Show the grid', keys: '1', run: () => setView({ tab: 'grid' }) },
      { id: 'tab.map', title: 'Show the map', keys: '2', run: () => setView({ tab: 'map' }) },
      { id: 'tab.stats', title: 'Show statistics', keys: '3', run: () => setView({ tab: 'stats' }) },
      { id: 'tab.card', title: 'Show the dataset card', keys: '4', run: () => setView({ tab: 'card' }) },
      { id: 'tab.checks', title: 'Show the checks', keys: '5', run: () => setView({ tab: 'checks' }) },
      { id: 'tab.runs', title: 'Show runs', keys: '6', run: () => setView({ tab: 'runs' }) },
      { id: 'tab.models', title: 'Show models', keys: '7', run: () => setView({ tab: 'models' }) },
      { id: 'tab.endpoints', title: 'Show endpoints', keys: '8', run: () => setView({ tab: 'endpoints' }) },
    ],
    [],
  )
  useCommands(commands)

  return (
    <div className="app">
      <button type="button" className="skip" onClick={goToSamples}>
        Skip to the samples
      </button>
      <Header datasets={datasets.data?.datasets ?? []} />
      {connection === 'lost' && (
        <div className="banner" role="status">
          The server does not answer. This page tries again by itself; what you see is what was there last.
        </div>
      )}
      {workspaceTabs.includes(view.tab) ? (
        <div className="work">
          <main className="main" tabIndex={-1}>
            <Suspense fallback={<div className="loading">Loading…</div>}>
              {view.tab === 'runs' && <RunsView />}
              {view.tab === 'models' && <ModelsView />}
              {view.tab === 'endpoints' && <EndpointsView />}
            </Suspense>
          </main>
        </div>
      ) : view.dataset === null ? (
        <Empty loading={datasets.isPending} />
      ) : (
        <div className="work">
          <aside className="side" aria-label="Tree and fields">
            <Sidebar />
          </aside>
          <main className="main" tabIndex={-1}>
            <QueryBar />
            <ActionBar />
            <Suspense fallback={<div className="loading">Loading…</div>}>
              {view.tab === 'grid' && <Grid />}
              {view.tab === 'map' && <MapView />}
              {view.tab === 'stats' && <StatsView />}
              {view.tab === 'card' && <CardView />}
              {view.tab === 'checks' && <ChecksView />}
            </Suspense>
          </main>
        </div>
      )}
      {view.sample !== null && (
        <Suspense fallback={null}>
          <SampleView />
        </Suspense>
      )}
      <JobsDrawer />
      <Palette />
      <Notices />
    </div>
  )
}

/** Past the sidebar, which may hold hundreds of buttons. */
function goToSamples(): void {
  const main = document.querySelector<HTMLElement>('.main')
  ;(main?.querySelector<HTMLElement>('[role=listbox][tabindex="0"], .map [tabindex="0"]') ?? main)?.focus()
}

function Empty({ loading }: { loading: boolean }) {
  if (loading) return <main className="empty">Loading…</main>
  return (
    <main className="empty">
      <h1>No dataset yet</h1>
      <p>
        Import a folder of images and labels as it lies on disk: <code>fovea import FOLDER</code>
      </p>
      <p>
        Or make one to try things on: <code>fovea demo make tiles &amp;&amp; fovea import tiles</code>
      </p>
      <p>It appears here by itself.</p>
      <p>
        Or drop files and folders onto this page, or{' '}
        <button type="button" onClick={openImport}>
          Import…
        </button>
      </p>
    </main>
  )
}
