import { createStore, useStore } from '../shell/store.ts'
import { neutral, type Adjustment } from './adjust.ts'

/** How samples are shown here; kept from one to the next while the page is open. */
export interface Settings {
  adjustment: Adjustment
  /** Of filled areas, 0..1. */
  opacity: number
  minScore: number
  names: boolean
  colourBy: 'class' | 'layer'
  compare: boolean
  /** Layers on the two sides while comparing; null for what is usual. */
  left: string | null
  right: string | null
  section: 'labels' | 'fields' | 'similar' | 'history'
  showsPanel: boolean
  showsAdjustments: boolean
}

const store = createStore<Settings>({
  adjustment: neutral,
  opacity: 0.45,
  minScore: 0,
  names: true,
  colourBy: 'class',
  compare: false,
  left: null,
  right: null,
  section: 'labels',
  showsPanel: true,
  showsAdjustments: false,
})

export const useSettings = (): Settings => useStore(store)
export const setSettings = (change: Partial<Settings> | ((old: Settings) => Partial<Settings>)): void =>
  store.set((old) => ({ ...old, ...(typeof change === 'function' ? change(old) : change) }))
