/** One observation of long work. `total` is absent while it is unknown. */
export interface ProgressEvent {
  stage: string
  done: number
  total?: number
  unit: string
}

export interface Progress {
  report(event: ProgressEvent): void
}

export const silentProgress: Progress = { report: () => {} }
