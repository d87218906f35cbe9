import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { formatSampleId, FoveaError, parseSampleId, throwIfAborted, toFoveaError } from '#base'
import type { Catalog } from '#catalog'
import { checkPlainQuery, joinQueries } from '../run/scope.ts'
import type { CheckContext } from '../types.ts'
import { asModule, stripTypes } from './read.ts'
import { questions, type CustomTask, type FromWorker, type Question, type ToWorker } from './shape.ts'

const isSource = import.meta.url.endsWith('.ts')
const memoryMb = 512

/** Runs a custom check on a thread of its own and answers what it answered. Throws CANCELLED, SUITE_INVALID, INPUT_INVALID. */
export async function runCustomCheck(
  catalog: Catalog,
  context: CheckContext,
  task: Pick<CustomTask, 'code' | 'options'>,
  timeoutMs: number,
): Promise<unknown> {
  const { signal } = context
  throwIfAborted(signal)
  const workerData: CustomTask = { ...task, dataset: context.dataset.name, scope: context.scope }
  const worker = new Worker(await findWorker(), {
    workerData,
    // What it prints goes nowhere.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (message: string, hint?: string): void =>
        reject(new FoveaError('INPUT_INVALID', message, hint === undefined ? {} : { hint }))
      timer = setTimeout(
        () => fail(`The custom check took longer than ${timeoutMs / 1000} s.`, 'Give it more with timeout_s.'),
        timeoutMs,
      )
      onAbort = () => {
        try {
          throwIfAborted(signal)
        } catch (error) {
          reject(toFoveaError(error))
        }
      }
      signal.addEventListener('abort', onAbort)
      worker.on('error', (error) => fail(`The custom check went wrong: ${error.message}`))
      worker.on('exit', () => fail('The custom check ended without an answer.'))
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'answer') resolve(message.answer)
        else if (message.kind === 'failure') fail(`The custom check went wrong: ${message.message}`)
        else {
          const reply = (value: ToWorker): void => worker.postMessage(value, [])
          answer(catalog, context, message.question, message.args).then(
            (value) => reply({ id: message.id, value }),
            (error: unknown) =>
              reply({ id: message.id, error: error instanceof Error ? error.message : String(error) }),
          )
        }
      })
    })
  } finally {
    clearTimeout(timer)
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

/** The thread's own module; from source it is stripped of its types like the check itself. */
async function findWorker(): Promise<URL> {
  if (!isSource) return new URL('./worker.js', import.meta.url)
  const path = fileURLToPath(new URL('./worker.ts', import.meta.url))
  return asModule(await stripTypes(await readFile(path, 'utf8'), path))
}

/** Answers a question about the samples in the scope. */
async function answer(
  catalog: Catalog,
  { dataset, scope }: CheckContext,
  question: Question,
  args: unknown[],
): Promise<unknown> {
  const within = async (query: string): Promise<{ query: string }> => {
    checkPlainQuery(query, await catalog.schemaOf(dataset))
    return { query: joinQueries([scope, query]) }
  }
  switch (question) {
    case 'count':
      return catalog.count(dataset, await within(questions.count.parse([args[0]])[0]))
    case 'ids':
      return (await catalog.idsOf(dataset, await within(questions.ids.parse([args[0]])[0]))).map(formatSampleId)
    case 'values': {
      const [measure, query] = questions.values.parse([args[0], args[1]])
      const { ids, values } = await catalog.measure(dataset, measure)
      const inside = new Set(await catalog.idsOf(dataset, await within(query)))
      return ids.flatMap((id, i) => (inside.has(id) ? [{ sample: formatSampleId(id), value: values[i] ?? null }] : []))
    }
    case 'samples': {
      const [query, { fields, limit, offset }] = questions.samples.parse([args[0], args[1]])
      return catalog.page(dataset, { selection: await within(query), fields, limit, offset })
    }
    case 'labels': {
      const [samples, layer] = questions.labels.parse([args[0], args[1]])
      return catalog.labelsOf(dataset, samples.map(parseSampleId), layer)
    }
  }
}
