// A thread that trains: runs of ONNX Runtime hold the thread they are called from until they end, one step after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { toFoveaError } from '#base'
import { head } from '../head/index.ts'
import { patchcore } from '../patchcore/index.ts'
import type { ThreadJob, Told } from './messages.ts'

const port = parentPort!
const tell = (told: Told): void => port.postMessage(told)
const abort = new AbortController()
port.on('message', () => abort.abort())

const { trainer, job } = workerData as ThreadJob
try {
  const trained = await { head, patchcore }[trainer].train({
    ...job,
    signal: abort.signal,
    progress: { report: (progress) => tell({ progress }) },
    async logMetrics(values, step) {
      tell({ metrics: { ...values }, step })
    },
    log: (log) => tell({ log }),
  })
  tell({ trained })
} catch (error) {
  tell({ failed: toFoveaError(error).toBody() })
} finally {
  port.close()
}
