import { parentPort, workerData } from 'node:worker_threads'
import type { CustomTask, FromWorker, Question, ToWorker } from './shape.ts'

// Runs one custom check, which asks the main thread for data.
const port = parentPort!
const { code, dataset, scope, options } = workerData as CustomTask
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
let asked = 0

const tell = (message: FromWorker): void => port.postMessage(message)
const ask = (question: Question, args: unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const id = ++asked
    waiting.set(id, { resolve, reject })
    tell({ kind: 'ask', id, question, args })
  })

port.on('message', (message: ToWorker) => {
  const { resolve, reject } = waiting.get(message.id)!
  waiting.delete(message.id)
  if ('error' in message) reject(new Error(message.error))
  else resolve(message.value)
})

const data = {
  dataset,
  scope,
  count: (...args: unknown[]) => ask('count', args),
  ids: (...args: unknown[]) => ask('ids', args),
  values: (...args: unknown[]) => ask('values', args),
  samples: (...args: unknown[]) => ask('samples', args),
  labels: (...args: unknown[]) => ask('labels', args),
}

async function run(): Promise<unknown> {
  const module = (await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`)) as {
    default?: unknown
  }
  const { default: given } = module
  const check = typeof given === 'function' ? given : (given as { check?: unknown } | null | undefined)?.check
  if (typeof check !== 'function')
    throw new TypeError('Expected the file to export default a function, or an object with a function "check".')
  return (check as (...args: unknown[]) => unknown)(data, options)
}

run().then(
  (answer) => {
    try {
      tell({ kind: 'answer', answer })
    } catch {
      tell({ kind: 'failure', message: 'The check answered something that cannot leave its thread.' })
    }
    port.close()
  },
  (error: unknown) => {
    tell({ kind: 'failure', message: error instanceof Error ? error.message : String(error) })
    port.close()
  },
)
