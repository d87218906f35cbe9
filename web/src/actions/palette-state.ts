import { createStore, useStore } from '../shell/store.ts'

const opened = createStore(false)
export const usePaletteOpen = (): boolean => useStore(opened)
export const openPalette = (): void => opened.set(true)
export const closePalette = (): void => opened.set(false)
