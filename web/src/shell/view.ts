import { createStore, useStore } from './store.ts'

export const tabs = ['grid', 'map', 'stats', 'card', 'checks', 'runs', 'models', 'endpoints'] as const
export type Tab = (typeof tabs)[number]

/** Views of the workspace: what they show belongs to no dataset. */
export const workspaceTabs: readonly Tab[] = ['runs', 'models', 'endpoints']

/** Everything that says what is on the page. It stands in the address, so a link shows the same. */
export interface View {
  dataset: string | null
  query: string
  tab: Tab
  /** Height of a row of thumbnails, px. */
  zoom: number
  layout: 'justified' | 'square'
  /** One tile a sample, or one a label with a place. */
  tiles: 'samples' | 'objects'
  /** Field whose values part the grid; null for none. */
  group: string | null
  /** Field that colours the map. */
  colour: string
  space: string | null
  /** Layers whose labels are drawn over pictures; null for all. */
  layers: string[] | null
  overlays: boolean
  /** Sample that is open, as the number in s_12. */
  sample: number | null
  /** Report of checks that is open; null for the newest. */
  report: string | null
  /** Runs that are open side by side; null for the list. */
  runs: string[] | null
  /** Version of a model that is open, NAME:VERSION. */
  model: string | null
  endpoint: string | null
}

export const defaults: View = {
  dataset: null,
  query: '',
  tab: 'grid',
  zoom: 140,
  layout: 'justified',
  tiles: 'samples',
  group: null,
  colour: 'class',
  space: null,
  layers: null,
  overlays: true,
  sample: null,
  report: null,
  runs: null,
  model: null,
  endpoint: null,
}

/** Whether a name is that of a version, `tiles@v3`. */
export const isVersion = (dataset: string): boolean => dataset.includes('@')

/** The dataset that a version is of; a dataset is its own. */
export const baseOf = (dataset: string): string => dataset.split('@', 1)[0]!

/** Reads a view from the part of an address behind `?`. What does not fit is left at its default. */
export function parseView(search: string): View {
  const given = new URLSearchParams(search)
  const text = (key: string): string | null => given.get(key)
  const oneOf = <T extends string>(key: string, choices: readonly T[], other: T): T =>
    choices.find((choice) => choice === text(key)) ?? other
  const zoom = Number(text('zoom') ?? defaults.zoom)
  const sample = /^s_(\d{1,9})$/.exec(text('sample') ?? '')?.[1]
  return {
    dataset: text('dataset'),
    query: text('query') ?? '',
    tab: oneOf('tab', tabs, 'grid'),
    zoom: Number.isFinite(zoom) ? Math.min(1024, Math.max(24, Math.round(zoom))) : defaults.zoom,
    layout: oneOf('layout', ['justified', 'square'], 'justified'),
    tiles: oneOf('tiles', ['samples', 'objects'], 'samples'),
    group: text('group'),
    colour: text('colour') ?? defaults.colour,
    space: text('space'),
    layers: splitNames(text('layers')),
    overlays: text('overlays') !== '0',
    sample: sample === undefined ? null : Number(sample),
    report: /^r_\d{1,12}$/.exec(text('report') ?? '')?.[0] ?? null,
    runs: splitNames(text('runs')),
    model: text('model'),
    endpoint: text('endpoint'),
  }
}

const splitNames = (text: string | null): string[] | null =>
  text === null ? null : text.split(',').filter((name) => name !== '')

/** The address of a view, shortest form: defaults are left out. */
export function formatView(view: View): string {
  const out = new URLSearchParams()
  const put = (key: keyof View, text: string): void => {
    if (view[key] !== defaults[key]) out.set(key, text)
  }
  if (view.dataset !== null) out.set('dataset', view.dataset)
  put('query', view.query)
  put('tab', view.tab)
  put('zoom', String(view.zoom))
  put('layout', view.layout)
  put('tiles', view.tiles)
  if (view.group !== null) out.set('group', view.group)
  put('colour', view.colour)
  if (view.space !== null) out.set('space', view.space)
  if (view.layers !== null) out.set('layers', view.layers.join(','))
  put('overlays', view.overlays ? '1' : '0')
  if (view.sample !== null) out.set('sample', `s_${view.sample}`)
  if (view.report !== null) out.set('report', view.report)
  if (view.runs !== null) out.set('runs', view.runs.join(','))
  if (view.model !== null) out.set('model', view.model)
  if (view.endpoint !== null) out.set('endpoint', view.endpoint)
  const text = out.toString()
  return text === '' ? '/' : `/?${text}`
}

const store = createStore<View>(parseView(location.search))
addEventListener('popstate', () => store.set(parseView(location.search)))

export const useView = (): View => useStore(store)
export const getView = (): View => store.get()

const steps = ['dataset', 'query', 'tab', 'sample', 'report', 'runs', 'model', 'endpoint'] as const

/**
 * Changes what is on the page. A new dataset, query, tab, report, model, endpoint, other runs or an open sample are a step in the
 * browser's history; the rest replaces the address, as everything does where `replace` says so.
 */
export function setView(change: Partial<View>, { replace = false } = {}): void {
  const old = store.get()
  const view = { ...old, ...change }
  const address = formatView(view)
  if (address === formatView(old)) return
  const isStep = !replace && steps.some((key) => view[key] !== old[key])
  if (isStep) history.pushState(null, '', address)
  else history.replaceState(null, '', address)
  store.set(view)
}

/** Adds a condition to the query, in front of any `order by` or `limit`, joined with `and`. */
export function addCondition(query: string, condition: string): string {
  const tail = /(^|\s)(order\s+by|limit)\s/i.exec(query)
  const where = (tail === null ? query : query.slice(0, tail.index)).trim()
  const rest = tail === null ? '' : ` ${query.slice(tail.index).trim()}`
  const guarded = /\bor\b/i.test(where) ? `(${where})` : where
  return `${where === '' ? condition : `${guarded} and ${condition}`}${rest}`
}

/** A text as the query language writes it. */
export function quoteText(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** A field's name as the query language writes it. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/i.test(name)
    ? name
    : `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}
