import { inputOf, type TaskModel } from '#models'

/** Pictures whose tensors an `onnx` bundle carries at most: each is some hundred kilobytes. */
const picturesWithTensors = 4

export interface TensorFile {
  name: string
  bytes: Uint8Array
}

/** What `tensors/index.json` says: for each picture, the files of what goes in and what comes out. */
interface TensorRecord {
  input: string
  outputs: Record<string, string>
}

/**
 * What the network itself takes and answers for golden pictures, so that any runtime, in any language, can be held against it without
 * decoding a picture: float32 in NumPy's format 1.0 (numpy.org/doc, numpy.lib.format), and an index of it.
 */
export async function recordTensors(
  model: Pick<TaskModel, 'card' | 'prepare' | 'infer'>,
  pictures: readonly { bytes: Uint8Array }[],
): Promise<TensorFile[]> {
  const files: TensorFile[] = []
  const index: TensorRecord[] = []
  for (const [i, { bytes }] of pictures.slice(0, picturesWithTensors).entries()) {
    const stem = `tensors/${String(i + 1).padStart(2, '0')}`
    const input = inputOf(model.card.input, await model.prepare({ bytes }))
    const dims = inputDims(model.card)
    const answers = await model.infer({ [model.card.input.name]: { type: 'float32', dims, data: input.slice() } })
    const record: TensorRecord = { input: `${stem}.input.npy`, outputs: {} }
    files.push({ name: record.input, bytes: encodeNpy(input, dims) })
    for (const [at, [name, value]] of Object.entries(answers).entries()) {
      if (!(value.data instanceof Float32Array)) continue
      const file = `${stem}.output${at + 1}.npy`
      record.outputs[name] = file
      files.push({ name: file, bytes: encodeNpy(value.data, value.dims) })
    }
    index.push(record)
  }
  files.push({ name: 'tensors/index.json', bytes: Buffer.from(`${JSON.stringify(index, null, 2)}\n`) })
  return files
}

function inputDims({ input }: TaskModel['card']): number[] {
  const [height, width] = input.size
  return input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3]
}

/** Little-endian float32 in C order, NumPy's format 1.0. */
function encodeNpy(values: Float32Array, dims: readonly number[]): Uint8Array {
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`
  const before = 10
  const header = text.padEnd(Math.ceil((before + text.length + 1) / 64) * 64 - before - 1, ' ') + '\n'
  const out = new Uint8Array(before + header.length + values.length * 4)
  out.set([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8])
  out.set(Buffer.from(header), before)
  const view = new DataView(out.buffer, before + header.length)
  values.forEach((value, i) => view.setFloat32(i * 4, value, true))
  return out
}
