import type { DataSelection } from '#models'

export const runStates = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const
export type RunState = (typeof runStates)[number]

/** One value of a metric. */
export interface MetricPoint {
  key: string
  step: number
  value: number
  /** ms since 1970. */
  time: number
}

/** One tracked execution. */
export interface Run {
  /** `run_` and 12 characters. */
  id: string
  /** What was executed: `train`, `evaluate`, `gate`, `sweep`; clients from outside give their own. */
  kind: string
  name: string
  /** What it is grouped under; `default` when nobody said. */
  experiment: string
  state: RunState
  actor: string
  startedAt: string
  endedAt: string | null
  /** Time it was worked on, without what lay between an interruption and going on. */
  durationMs: number
  /** Of the sweep it belongs to. */
  parent: string | null
  params: Readonly<Record<string, string | number | boolean>>
  tags: Readonly<Record<string, string>>
  /** The last value of each metric. */
  metrics: Readonly<Record<string, number>>
  data: DataSelection | null
  /** Reference of the model it made or judged, NAME:VERSION. */
  model: string | null
  environment: { fovea: string; node: string; platform: string; cpus: number; revision: string | null }
  /** Of fovea and of programs started for the run, together, while it was open; null while unknown. */
  peakMemoryBytes: number | null
  error: { code: string; message: string; hint?: string } | null
  /** How it was called, so that it can be run again: an operation of the registry and its input. */
  call: { operation: string; input: unknown } | null
}

/** A run that is being written. */
export interface RunWriter {
  readonly id: string
  /** Absolute; files written here are the run's artefacts. */
  readonly artefacts: string
  /** Values at a step; not finite ones are refused with METRIC_INVALID. */
  logMetrics(values: Readonly<Record<string, number>>, step?: number): Promise<void>
  /** What programs started for the run hold now, bytes; counts until the next call. */
  noteMemory(bytes: number): void
  update(facts: Partial<Pick<Run, 'name' | 'params' | 'tags' | 'data' | 'model'>>): Promise<void>
  end(state: Exclude<RunState, 'running' | 'interrupted'>, error?: Run['error']): Promise<void>
}

/** Every value of one metric, in columns: by step, values of one step in the order they came. */
export interface MetricCurve {
  key: string
  steps: Float64Array
  values: Float64Array
  /** ms since 1970. */
  times: Float64Array
}

/** Every run of a workspace. */
export interface RunStore {
  start(about: {
    kind: string
    name: string
    actor: string
    experiment?: string
    params?: Run['params']
    tags?: Run['tags']
    parent?: string | null
    data?: DataSelection | null
    call?: Run['call']
  }): Promise<RunWriter>
  /** Opens an ended or interrupted run again, to go on with it. Throws RUN_NOT_FOUND. */
  reopen(id: string): Promise<RunWriter>
  list(): Promise<Run[]>
  /** Throws RUN_NOT_FOUND with the nearest id. */
  find(id: string): Promise<Run>
  /** Of one metric or all, by step. */
  history(id: string, key?: string): Promise<MetricPoint[]>
  listArtefacts(id: string): Promise<{ name: string; bytes: number }[]>
  /** Absolute path of an artefact. Throws SOURCE_NOT_FOUND. */
  artefactFile(id: string, name: string): Promise<string>
  /** Runs below it (of a sweep) stay, without a parent. Throws RUN_NOT_FOUND, RUN_ACTIVE while it is written. */
  remove(id: string): Promise<void>
}

/** The runs of a workspace in its folder. */
export interface LocalRunStore extends RunStore {
  /** As `history`, in columns, metrics by name. */
  curves(id: string, keys?: readonly string[]): Promise<MetricCurve[]>
}
