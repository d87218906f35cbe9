import { Worker } from 'node:worker_threads'
import { silenceOnnxRuntime } from './onnx-runtime.ts'

/**
 * Starts a thread on the file `worker` beside the module that asks (`import.meta.url`), with what it finds as `workerData`. From source it
 * goes through its loader, which Node 20 does not read from the flags of a thread.
 */
export function startThread(moduleUrl: string, workerData: unknown): Worker {
  silenceOnnxRuntime()
  if (moduleUrl.endsWith('.js')) return new Worker(new URL('./worker.js', moduleUrl), { workerData })
  const [loader, file] = [import.meta.resolve('tsx/esm/api'), new URL('./worker.ts', moduleUrl).href]
  return new Worker(`import('${loader}').then(({ register }) => (register(), import('${file}')))`, {
    eval: true,
    workerData,
    execArgv: ['--conditions=fovea-source'],
  })
}
