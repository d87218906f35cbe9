import { createStore, useStore } from '../shell/store.ts'
import type { Chosen } from './upload.ts'

/** Files that were dropped; found one by one where they are in folders. */
export type Dropped = Promise<readonly Chosen[]>

/** Null while the dialog is closed; what was dropped onto the page, if anything was. */
const opened = createStore<{ dropped: Dropped | null } | null>(null)
export const useImport = (): { dropped: Dropped | null } | null => useStore(opened)
export const openImport = (): void => opened.set({ dropped: null })
export const importDropped = (dropped: Dropped): void => opened.set({ dropped })
export const closeImport = (): void => opened.set(null)
