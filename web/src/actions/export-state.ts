import { createStore, useStore } from '../shell/store.ts'

const opened = createStore(false)
export const useExportOpen = (): boolean => useStore(opened)
export const openExport = (): void => opened.set(true)
export const closeExport = (): void => opened.set(false)
