import { request } from 'node:http'
import type { Job } from '#contract'
import { listSpecs } from '#app'
import { startServer } from '#server'
import { afterEach, expect, test } from 'vitest'
import { post, send, type Answer } from './support/request.ts'
import { serveFake, type Served } from './support/served.ts'

let served: Served
afterEach(() => served.close())

interface StreamEvent {
  id: number
  type: string
  data: Record<string, unknown>
}

/** Reads a stream of events until it ends, or until `enough` says so; then the connection is dropped. */
function readStream(
  url: string,
  options: {
    lastEventId?: number
    enough?: (events: StreamEvent[]) => boolean
    /** Called with all that came so far. */
    onText?: (text: string) => void
  } = {},
): Promise<{ events: StreamEvent[]; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = options.lastEventId === undefined ? {} : { 'last-event-id': String(options.lastEventId) }
    const outgoing = request(url, { headers, agent: false }, (response) => {
      let text = ''
      const parse = (): StreamEvent[] =>
        text.split('\n\n').flatMap((block) => {
          const match = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block)
          return match === null
            ? []
            : [{ id: Number(match[1]), type: match[2]!, data: JSON.parse(match[3]!) as Record<string, unknown> }]
        })
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        options.onText?.(text)
        if (options.enough?.(parse()) !== true) return
        outgoing.destroy()
        resolve({ events: parse(), text })
      })
      response.on('end', () => resolve({ events: parse(), text }))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const jobOf = (answer: Answer): Job => answer.json()['job'] as Job

async function startImport(): Promise<Job> {
  const answer = await post(`${served.url}/api/dataset.import`, { path: served.app.workspace.folder })
  expect(answer.status).toBe(202)
  return jobOf(answer)
}

const showJob = async (id: string): Promise<Job> => jobOf(await post(`${served.url}/api/job.show`, { job: id }))

test('a short operation answers its output, and input left out is empty', async () => {
  served = await serveFake()
  expect((await post(`${served.url}/api/query.count`, { query: 'abcd' })).json()).toEqual({ count: 4 })
  const missing = await post(`${served.url}/api/query.cuont`, {})
  expect(missing.json()).toMatchObject({ code: 'OPERATION_NOT_FOUND', hint: 'Did you mean query.count?' })
  expect(missing.status).toBe(404)
  expect((await send(`${served.url}/api/query.count`)).status).toBe(404)
})

test('a long operation answers its job at once, or its result when asked to wait', async () => {
  served = await serveFake()
  const job = await startImport()
  expect(job).toMatchObject({ state: 'running', operation: 'dataset.import', actor: 'local' })
  served.fake.letOn()
  const waited = await post(`${served.url}/api/dataset.import?wait=1`, { path: served.app.workspace.folder })
  expect(waited.status).toBe(200)
  expect(waited.json()).toMatchObject({ added: 100 })
})

test('the stream of events is taken up after the last one seen, and ends with the job', async () => {
  served = await serveFake()
  const job = await startImport()
  const url = `${served.url}/api/jobs/${job.id}/events`
  const first = await readStream(url, { enough: (events) => events.some((event) => event.type === 'progress') })
  const last = first.events.at(-1)!.id
  const rest = readStream(url, {
    lastEventId: last,
    onText: (soFar) => soFar.includes(': still here') && served.fake.letOn(),
  })
  const { events, text } = await rest
  expect(text).toContain(': still here')
  expect(events[0]!.id).toBe(last + 1)
  expect(events.at(-1)).toMatchObject({ type: 'state', data: { state: 'done' } })
  expect(events.some((event) => event.type === 'progress' && event.data['stage'] === 'second half')).toBe(true)
  // Nothing is lost or doubled between the two readings.
  const whole = await readStream(url)
  expect(whole.events).toEqual([...first.events.filter((event) => event.id <= last), ...events])
  expect((await readStream(url, { lastEventId: whole.events.at(-1)!.id })).events).toEqual([])
})

test('DELETE and job.cancel stop the work midway; it can be resumed', async () => {
  served = await serveFake()
  const job = await startImport()
  await readStream(`${served.url}/api/jobs/${job.id}/events`, {
    enough: (events) => events.some((event) => event.type === 'progress'),
  })
  const deleted = await send(`${served.url}/api/jobs/${job.id}`, { method: 'DELETE' })
  expect(jobOf(deleted).state).toBe('cancelled')
  expect(await showJob(job.id)).toMatchObject({
    state: 'cancelled',
    error: { code: 'CANCELLED' },
    progress: { done: 10 },
  })
  expect(jobOf(await post(`${served.url}/api/job.resume`, { job: job.id }))).toMatchObject({
    id: job.id,
    state: 'running',
  })
  expect((await post(`${served.url}/api/job.resume`, { job: job.id })).json()).toMatchObject({
    code: 'JOB_NOT_RESUMABLE',
  })
  expect(jobOf(await post(`${served.url}/api/job.cancel`, { job: job.id })).state).toBe('cancelled')
  expect((await send(`${served.url}/api/jobs/j_no_no`, { method: 'DELETE' })).status).toBe(404)
  expect((await send(`${served.url}/api/jobs/j_no_no/events`)).json()).toMatchObject({ code: 'JOB_NOT_FOUND' })
  expect((await send(`${served.url}/api/jobs/${job.id}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(
    400,
  )
})

test('closing while a job runs and a reader listens leaves an interrupted job', async () => {
  served = await serveFake()
  const job = await startImport()
  let reader: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve) => {
    reader = readStream(`${served.url}/api/jobs/${job.id}/events`, { onText: () => resolve() }).catch(() => undefined)
  })
  await served.app.close()
  await reader
  expect((await served.app.jobs.show(job.id)).state).toBe('interrupted')
})

test('a taken port is told with what to do', async () => {
  served = await serveFake()
  served.app.config.server.port = Number(new URL(served.url).port)
  await expect(startServer({ app: served.app })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    hint: expect.stringContaining('--port'),
  })
  served.app.config.server.host = '203.0.113.7'
  await expect(startServer({ app: served.app })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

interface Description {
  openapi: string
  info: { title: string; version: string }
  paths: Record<
    string,
    Record<
      string,
      { operationId: string; summary: string; requestBody?: object; responses: Record<string, { description: string }> }
    >
  >
  components: { schemas: Record<string, object> }
}

test('the OpenAPI description names every operation, and every reference in it leads somewhere', async () => {
  served = await serveFake()
  const description = (await send(`${served.url}/api/openapi.json`)).json() as unknown as Description
  expect(description.openapi).toMatch(/^3\.1\.\d$/)
  for (const spec of listSpecs().values()) {
    const operation = description.paths[`/api/${spec.id}`]?.['post']
    expect(operation).toMatchObject({
      operationId: spec.id,
      summary: spec.summary,
      requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
    })
    expect(operation!.responses['200']).toBeDefined()
    expect(operation!.responses['202'] !== undefined).toBe(spec.long)
  }
  const ids = Object.values(description.paths).flatMap((item) =>
    Object.values(item).map((operation) => operation.operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
  for (const [path, item] of Object.entries(description.paths)) {
    for (const operation of Object.values(item) as {
      parameters?: { name: string; in: string }[]
      responses: object
    }[]) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      expect(
        (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name),
      ).toEqual(named)
      expect(
        Object.values(operation.responses as Record<string, { description?: string }>).every(
          (response) => typeof response.description === 'string',
        ),
      ).toBe(true)
    }
  }
  for (const [, name] of JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(description.components.schemas).toHaveProperty(name!)
  expect(JSON.stringify(description)).not.toContain('"$ref":"#/$defs')
})

test('the home page names the workspace and its datasets', async () => {
  served = await serveFake()
  const page = await send(`${served.url}/`)
  expect(page.headers['content-type']).toMatch(/^text\/html/)
  expect(page.text).toContain(served.app.workspace.folder)
  expect(page.text).toContain('1,234')
  const links = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]!)
  for (const link of links) expect([link, (await send(served.url + link)).status]).toEqual([link, 200])
  expect((await send(`${served.url}/docs`)).text).toContain('POST /api/query.run')
})
