// A thread that writes answers: the mask or heat map of a large picture takes longer than the network.
import { parentPort } from 'node:worker_threads'
import { toFoveaError } from '#base'
import { writeAnswer } from './describe.ts'
import type { Ask, Reply } from './messages.ts'

const port = parentPort!

port.on('message', ({ id, prediction, form }: Ask & { id: number }) => {
  const reply = (message: Reply): void => port.postMessage({ ...message, id })
  try {
    reply(writeAnswer(prediction, form))
  } catch (error) {
    reply({ error: toFoveaError(error).toBody() })
  }
})
