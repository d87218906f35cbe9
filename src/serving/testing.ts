import { FoveaError } from '#base'
import type { ModelRegistry, ModelVersion, Prediction, PreparedPicture, TaskCard, TaskModel } from '#models'

/** A moment that a test opens. */
export interface Gate {
  open(): void
  opened: Promise<void>
}

export function createGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open: () => open(), opened }
}

/** Versions in memory: `add` registers the next one of a model. */
export function createFakeRegistry(): Pick<ModelRegistry, 'find' | 'load'> & {
  add(model: string, aliases?: readonly string[], task?: string): ModelVersion
  /** Files of a version no longer have their digests. */
  corrupt(reference: string): void
  registry: ModelRegistry
} {
  const versions: ModelVersion[] = []
  const corrupted = new Set<string>()
  const refuse = async (): Promise<never> => Promise.reject(new Error('not part of this test'))
  const find = async (reference: string): Promise<ModelVersion> => {
    const [, model = '', alias, version] = /^([^@:]+)(?:@(.+)|:(\d+))?$/.exec(reference) ?? []
    const own = versions.filter((one) => one.model === model)
    const found =
      alias === undefined
        ? version === undefined
          ? own.at(-1)
          : own.find((one) => one.version === Number(version))
        : own.find((one) => one.aliases.includes(alias))
    if (found !== undefined) return found
    throw new FoveaError('MODEL_NOT_FOUND', `There is no model ${reference}.`)
  }
  const load = async (reference: string): Promise<ModelVersion> => {
    const found = await find(reference)
    if (!corrupted.has(`${found.model}:${found.version}`)) return found
    throw new FoveaError('MODEL_INVALID', `model.onnx of ${found.model}:${found.version} differs from its digest.`)
  }
  const registry: ModelRegistry = {
    list: async () => versions,
    find,
    load,
    register: refuse,
    setAlias: refuse,
    setStage: refuse,
    remove: refuse,
    attach: refuse,
    readAttached: refuse,
  }
  return {
    find,
    load,
    registry,
    corrupt: (reference) => void corrupted.add(reference),
    add(model, aliases = [], task = 'classification') {
      versions.forEach((one, i) => {
        if (one.model === model)
          versions[i] = { ...one, aliases: one.aliases.filter((alias) => !aliases.includes(alias)) }
      })
      const version: ModelVersion = {
        model,
        version: versions.filter((one) => one.model === model).length + 1,
        folder: `/models/${model}`,
        task,
        classes: ['dark', 'light'],
        createdAt: '2026-01-01T00:00:00.000Z',
        actor: 'local',
        stage: 'none',
        aliases,
        metrics: {},
        run: null,
        data: null,
        files: [],
        events: [],
      }
      versions.push(version)
      return version
    },
  }
}

export interface FakeModel extends TaskModel {
  /** Sizes of the runs so far. */
  runs: number[]
  isClosed: boolean
  /** What the next runs wait for. */
  hold(gate: Gate): void
}

/**
 * A model that answers the first byte of a picture: class `light` with a score of byte / 255, named by its version. Byte 0 is no
 * picture, byte 1 fails the run it is in.
 */
export function createFakeModel(version: ModelVersion): FakeModel {
  let gate: Gate | undefined
  const model: FakeModel = {
    card: { task: version.task } as TaskCard,
    classes: version.classes,
    signature: {
      inputs: [{ name: 'x', type: 'float32', dims: [-1, 2] }],
      outputs: [{ name: 'y', type: 'float32', dims: [-1, 1] }],
    },
    runs: [],
    isClosed: false,
    hold: (given) => (gate = given),
    async prepare(picture): Promise<PreparedPicture> {
      const [byte = 0] = 'bytes' in picture ? picture.bytes : []
      if (byte === 0) throw new FoveaError('MEDIA_UNREADABLE', 'This is no picture.')
      return { widthPx: 2, heightPx: 1, planes: { data: Uint8Array.of(byte), channels: 1 } }
    },
    async predict(pictures): Promise<Prediction[]> {
      await gate?.opened
      if (model.isClosed) throw new Error('the model was closed')
      model.runs.push(pictures.length)
      return pictures.map(
        ({
          widthPx,
          heightPx,
          planes: {
            data: [byte = 0],
          },
        }) => {
          if (byte === 1) throw new FoveaError('MODEL_OUTPUT', 'The answer holds NaN.')
          return {
            widthPx,
            heightPx,
            classes: [
              { class: `light ${version.version}`, score: byte / 255 },
              { class: 'dark', score: 1 - byte / 255 },
            ],
          }
        },
      )
    },
    async infer(inputs) {
      await gate?.opened
      const { data, dims } = inputs['x']!
      const x = data as Float32Array
      model.runs.push(dims[0]!)
      const y = Float32Array.from({ length: dims[0]! }, (_, row) => x[2 * row]! + x[2 * row + 1]!)
      return { y: { type: 'float32', dims: [dims[0]!, 1], data: y } }
    },
    async close() {
      model.isClosed = true
    },
  }
  return model
}
