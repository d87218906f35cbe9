import { createStore, useStore } from '../shell/store.ts'
import type { Chosen } from './upload.ts'

/** Null while the dialog is closed; what was dropped onto the page, if anything was. */
const opened = createStore<{ dropped: readonly Chosen[] } | null>(null)
export const useImport = (): { dropped: readonly Chosen[] } | null => useStore(opened)
export const openImport = (): void => opened.set({ dropped: [] })
export const importDropped = (dropped: readonly Chosen[]): void => opened.set({ dropped })
export const closeImport = (): void => opened.set(null)
