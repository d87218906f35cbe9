import type { Endpoint, EndpointSettings, ServedStatistics } from '#contract'
import type { AnswerWriter } from './answer/write.ts'
import type { ModelVersion, PictureSource, Prediction, TaskModel, TensorSpec, TensorValue } from '#models'

export type Role = 'primary' | 'canary' | 'shadow'

/** A version as it was opened and served. */
export interface HistoryEntry {
  at: string
  actor: string
  /** What the settings named then. */
  reference: string
  model: string
  version: number
}

/** A key of an endpoint, without the key. */
export interface StoredKey {
  id: string
  label: string
  createdAt: string
  ratePerMinute: number | null
  /** Hex. */
  salt: string
  /** SHA-256 of salt and key, hex. */
  hash: string
}

/** An endpoint as it is kept on disk. */
export interface StoredEndpoint {
  name: string
  settings: EndpointSettings
  keys: StoredKey[]
  history: HistoryEntry[]
  createdAt: string
  updatedAt: string
}

/** What is asked of `deploy`; what is absent stays as it is, null takes away. */
export interface DeployChanges {
  model?: string | undefined
  canary?: string | null | undefined
  canaryShare?: number | undefined
  shadow?: string | null | undefined
  threshold?: number | null | undefined
  maxSize?: number | undefined
  maxDelayMs?: number | undefined
  queueLimit?: number | undefined
  timeoutMs?: number | undefined
}

/** About one request. */
export interface RequestFacts {
  /** Tells canary requests from the others: the same id always meets the same version. */
  requestId: string
  signal?: AbortSignal | undefined
}

/** Which version answered, and where the time went. */
export interface Served {
  role: Role
  version: ModelVersion
  /** That of the endpoint, else of the model's card for several classes; null where the answer follows it already. */
  threshold: number | null
  timing: { prepareMs: number; queueMs: number; computeMs: number; batchSize: number }
}

export interface ServedPrediction extends Served {
  prediction: Prediction
}

export interface ServedTensors extends Served {
  outputs: Record<string, TensorValue>
}

/** A version that answers now, as protocols describe it. */
export interface ServedModel {
  role: Role
  version: ModelVersion
  signature: { inputs: TensorSpec[]; outputs: TensorSpec[] }
  settings: EndpointSettings
}

/** The counts of one version, for text formats. */
export interface VersionCounters {
  endpoint: string
  statistics: ServedStatistics
  /** Cumulative counts of answers by upper bound in seconds, and the sum. */
  latency: { bounds: readonly number[]; counts: readonly number[]; sumSeconds: number; count: number }
  /** Sums over answered requests, ms. */
  totals: {
    queueMs: number
    computeMs: number
    prepareMs: number
    latencyMs: number
    failedMs: number
    answered: number
    failed: number
  }
}

export interface KeyMatch {
  endpoint: string
  id: string
  label: string
  ratePerMinute: number | null
}

/** The endpoints of a workspace. Nothing is opened before `start`, except to see whether what is deployed can be. */
export interface Serving {
  /**
   * Opens what the endpoints name, all of them or those of some names, and follows aliases from then on. Resolves when each is ready
   * or failed. Only the first call counts.
   */
  start(only?: readonly string[]): Promise<void>
  list(): Promise<Endpoint[]>
  /** Throws ENDPOINT_NOT_FOUND. */
  show(name: string): Promise<Endpoint>
  /** Makes or changes an endpoint; the new version takes over when it is warm. Throws what opening it throws; then nothing has changed. */
  deploy(name: string, changes: DeployChanges, actor: string): Promise<Endpoint>
  /** Throws UNDO_NOTHING where no other version was served before. */
  rollback(name: string, actor: string): Promise<Endpoint>
  remove(name: string): Promise<void>
  addKey(name: string, about: { label: string; ratePerMinute: number | null }): Promise<{ id: string; key: string }>
  /** Throws KEY_NOT_FOUND. */
  removeKey(name: string, id: string): Promise<void>
  /** Whom a key belongs to; undefined for no key of ours. */
  matchKey(key: string): Promise<KeyMatch | undefined>
  /** Whether an endpoint has keys, so that one is asked for. Unknown endpoints have none. */
  hasKeys(name: string): Promise<boolean>
  /** Follows aliases at once. */
  refresh(): Promise<void>
  /** Throws ENDPOINT_NOT_FOUND, MEDIA_*, MODEL_*, OVERLOADED, PREDICTION_TIMEOUT, CANCELLED. */
  predict(name: string, picture: PictureSource, request: RequestFacts): Promise<ServedPrediction>
  /** The tensors are held against the signature before they meet others. Throws as `predict`, and INPUT_INVALID. */
  infer(
    name: string,
    tensors: {
      version?: string | undefined
      inputs: Record<string, TensorValue>
      outputs?: readonly string[] | undefined
    },
    request: RequestFacts,
  ): Promise<ServedTensors>
  /** What an endpoint serves now, the primary first. Throws ENDPOINT_NOT_FOUND, MODEL_NOT_FOUND for a version it does not serve. */
  models(name: string, version?: string): Promise<ServedModel[]>
  statistics(name: string): Promise<ServedStatistics[]>
  counters(): Promise<VersionCounters[]>
  /** Puts answers into words and pictures. */
  readonly answers: Pick<AnswerWriter, 'json' | 'png'>
  /** Whether every endpoint was started, and none is loading. */
  isReady(): boolean
  /** Takes no more requests, answers those it has, and closes the models. */
  close(): Promise<void>
}

/** Opens the model of a version whose files were checked. */
export type OpenModel = (version: ModelVersion) => Promise<TaskModel>
