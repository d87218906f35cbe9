// A thread that holds one network: runs of ONNX Runtime hold the thread they are called from until they end.
import { parentPort, workerData } from 'node:worker_threads'
import { toFoveaError } from '#base'
import { openTaskModel, type TaskModel, type TensorValue } from '#models'
import { packClasses, type PackedPrediction } from './classes.ts'
import type { Ask, Opened, Reply, ThreadData } from './messages.ts'

const port = parentPort!

async function open(): Promise<void> {
  let model: TaskModel
  try {
    model = await openTaskModel(workerData as ThreadData)
  } catch (error) {
    port.postMessage({ failed: toFoveaError(error).toBody() } satisfies Opened)
    return
  }
  port.on('message', (ask: Ask) => void answer(model, ask))
  const { card, classes, signature } = model
  port.postMessage({ opened: { card, classes, signature } } satisfies Opened)
}

async function answer(model: TaskModel, ask: Ask): Promise<void> {
  const { id } = ask
  try {
    if ('close' in ask) {
      await model.close()
      reply({ id, closed: true })
      port.close()
    } else if ('pictures' in ask) {
      const predictions = await model.predict(ask.pictures)
      const packed = predictions.map((each) => packClasses(each, model.classes))
      reply({ id, predictions: packed }, packed.flatMap(buffersOf))
    } else {
      const outputs = await model.infer(ask.inputs, ask.outputs, { handedOver: true })
      // Memory of ONNX Runtime cannot be handed to another thread.
      const own = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, withOwnData(value)]))
      reply(
        { id, outputs: own },
        Object.values(own).flatMap(({ data }) => (ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : [])),
      )
    }
  } catch (error) {
    reply({ id, error: toFoveaError(error).toBody() })
  }
}

const reply = (message: Reply, handedOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...new Set(handedOver)])

/** Large parts of an answer that are whole buffers of their own. */
function buffersOf({ mask, anomaly, ranking }: PackedPrediction): ArrayBuffer[] {
  return [mask?.data, anomaly?.map.data, ranking?.order, ranking?.scores].flatMap((data) =>
    data !== undefined && data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength
      ? [data.buffer]
      : [],
  )
}

function withOwnData({ type, dims, data }: TensorValue): TensorValue {
  return { type, dims, data: ArrayBuffer.isView(data) ? (data as Uint8Array).slice() : data }
}

await open()
