import { createStore, useStore } from '../shell/store.ts'

/** Null while it is closed; `operation` where it opens with the form of one. */
const opened = createStore<{ operation: string | null } | null>(null)
export const usePalette = (): { operation: string | null } | null => useStore(opened)
export const openPalette = (): void => opened.set({ operation: null })
export const openOperation = (operation: string): void => opened.set({ operation })
export const closePalette = (): void => opened.set(null)
