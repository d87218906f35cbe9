import { createStore, useStore } from '../shell/store.ts'
import type { Tool } from './interaction.ts'

/** How the map is looked at; kept while other views are open, but not in the address. */
export interface MapState {
  tool: Tool
  hasContours: boolean
  hasNames: boolean
  /** Method of the map; null for the newest. */
  method: string | null
}

const store = createStore<MapState>({ tool: 'move', hasContours: false, hasNames: true, method: null })

export const useMapState = (): MapState => useStore(store)
export const getMapState = (): MapState => store.get()
export const setMapState = (change: Partial<MapState>): void => store.set((old) => ({ ...old, ...change }))
