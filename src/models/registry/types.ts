export const modelStages = ['none', 'staging', 'production', 'archived'] as const
export type ModelStage = (typeof modelStages)[number]

/** What a model was made from: enough to select the same data again. */
export interface DataSelection {
  dataset: string
  query: string
  layer: string
  /** Samples of the training and of the validation part. */
  samples: number
  validation: number
  /** SHA-256 over the sample ids, picture digests and labels that were seen, in id order. */
  digest: string
}

export interface ModelFile {
  /** Relative to the folder of the version, with slashes. */
  name: string
  bytes: number
  sha256: string
}

/** A change of an alias or of the stage. */
export interface ModelEvent {
  at: string
  actor: string
  what: string
  reason: string
}

/** One version of a model: its files never change once it is registered. */
export interface ModelVersion {
  model: string
  /** From 1 on. */
  version: number
  /** Absolute; holds `card.toml`, the weights and whatever the card names. */
  folder: string
  task: string
  classes: readonly string[]
  createdAt: string
  actor: string
  stage: ModelStage
  aliases: readonly string[]
  metrics: Readonly<Record<string, number>>
  run: string | null
  data: DataSelection | null
  files: readonly ModelFile[]
  /** The oldest first. */
  events: readonly ModelEvent[]
}

/** Models under names, in versions. `reference` is NAME (its champion, else the newest), NAME@ALIAS or NAME:VERSION. */
export interface ModelRegistry {
  list(): Promise<ModelVersion[]>
  /** Throws MODEL_NOT_FOUND with what there is. */
  find(reference: string): Promise<ModelVersion>
  /** As `find`, and every file held against its SHA-256. Throws MODEL_INVALID that names the file. */
  load(reference: string): Promise<ModelVersion>
  /**
   * Copies a folder with `card.toml` in as the next version of a model; appears whole or not at all.
   * Throws MODEL_INVALID, MODEL_EXISTS for a name of the shelf.
   */
  register(
    folder: string,
    about: {
      model: string
      actor: string
      metrics: Record<string, number>
      run: string | null
      data: DataSelection | null
      aliases?: readonly string[]
    },
  ): Promise<ModelVersion>
  /** An alias stands at one version of a model; null takes it away. Throws MODEL_NOT_FOUND. */
  setAlias(
    model: string,
    alias: string,
    version: number | null,
    by: { actor: string; reason: string },
  ): Promise<ModelVersion[]>
  setStage(reference: string, stage: ModelStage, by: { actor: string; reason: string }): Promise<ModelVersion>
  /** Throws MODEL_IN_USE for a version with an alias. */
  remove(reference: string): Promise<ModelVersion>
  /** Writes a file beside the version that is no part of it: evidence of a gate, an evaluation. */
  attach(reference: string, name: string, bytes: string | Uint8Array): Promise<void>
  /** Throws MODEL_NOT_FOUND, SOURCE_NOT_FOUND. */
  readAttached(reference: string, name: string): Promise<Uint8Array>
}

/** The registry of a workspace in its folder. */
export interface LocalModelRegistry extends ModelRegistry {
  /** What is attached to a version. Throws MODEL_NOT_FOUND. */
  listAttached(reference: string): Promise<{ name: string; bytes: number }[]>
  /** Whether a model of this name has a version. */
  has(model: string): Promise<boolean>
}
