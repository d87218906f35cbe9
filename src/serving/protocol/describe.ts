import type { TensorSpec } from '#models'
import type { ServedModel, VersionCounters } from '../types.ts'
import { nameOfType } from './datatypes.ts'

const platform = 'onnx_onnxv1'

const describeTensor = ({ name, type, dims }: TensorSpec): object => ({
  name,
  datatype: nameOfType(type),
  shape: dims,
})

/** `GET /v2`. */
export const describeServer = (version: string): object => ({
  name: 'fovea',
  version,
  extensions: ['binary_tensor_data', 'model_repository', 'statistics', 'model_configuration'],
})

/** `GET /v2/models/NAME`: tensors are those of the first version. */
export function describeModel(name: string, models: readonly ServedModel[]): object {
  const { inputs, outputs } = models[0]!.signature
  return {
    name,
    versions: versionsOf(models),
    platform,
    inputs: inputs.map(describeTensor),
    outputs: outputs.map(describeTensor),
  }
}

/** `GET /v2/models/NAME/config`, the part of Triton's ModelConfig that clients read. Sizes leave the batch out, as there. */
export function describeConfig(name: string, models: readonly ServedModel[]): object {
  const { signature, settings } = models[0]!
  const takesBatches = [...signature.inputs, ...signature.outputs].every(({ dims }) => dims[0] === -1)
  const tensor = ({ name: tensorName, type, dims }: TensorSpec): object => ({
    name: tensorName,
    data_type: `TYPE_${type === 'string' ? 'STRING' : nameOfType(type)}`,
    dims: takesBatches ? dims.slice(1) : dims,
  })
  return {
    name,
    platform,
    backend: 'onnxruntime',
    max_batch_size: takesBatches ? settings.batching.maxSize : 0,
    input: signature.inputs.map(tensor),
    output: signature.outputs.map(tensor),
    version_policy: { specific: { versions: versionsOf(models).map(Number) } },
    ...(takesBatches
      ? { dynamic_batching: { max_queue_delay_microseconds: Math.round(settings.batching.maxDelayMs * 1000) } }
      : {}),
  }
}

const versionsOf = (models: readonly ServedModel[]): string[] => [
  ...new Set(models.map(({ version }) => String(version.version))),
]

/** `GET /v2/models/NAME/stats`, as Triton's statistics extension has it; times are sums in ns. */
export function describeStatistics(counters: readonly VersionCounters[]): object {
  return {
    model_stats: counters
      .filter(({ statistics }) => statistics.role !== 'shadow')
      .map(({ endpoint, statistics, totals }) => {
        const { answered, failed } = totals
        return {
          name: endpoint,
          version: String(statistics.version),
          inference_count: statistics.pictures,
          execution_count: statistics.runs,
          inference_stats: {
            success: duration(answered, totals.latencyMs),
            fail: duration(failed, totals.failedMs),
            queue: duration(answered, totals.queueMs),
            compute_input: duration(answered, totals.prepareMs),
            compute_infer: duration(answered, totals.computeMs),
            compute_output: duration(answered, 0),
          },
          batch_stats: Object.entries(statistics.batches).map(([size, runs]) => ({
            batch_size: Number(size),
            compute_infer: { count: runs },
          })),
        }
      }),
  }
}

const duration = (count: number, ms: number): object => ({ count, ns: Math.round(ms * 1e6) })
