import { createStore, useStore } from '../shell/store.ts'

const opened = createStore(false)
export const useJobsOpen = (): boolean => useStore(opened)
export const toggleJobs = (): void => opened.set((open) => !open)
export const openJobs = (): void => opened.set(true)
