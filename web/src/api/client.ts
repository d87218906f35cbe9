import type { z } from 'zod'
import type * as contract from '../../../src/contract/index.ts'
import { nameHeaders } from './person.ts'

type Contract = typeof contract
type Spec = Extract<Contract[keyof Contract], { id: `${string}.${string}`; input: z.ZodType; output: z.ZodType }>

/** Every operation the server answers. */
export type OperationId = Spec['id']
export type Input<Id extends OperationId> = z.input<Extract<Spec, { id: Id }>['input']>
export type Output<Id extends OperationId> = z.output<Extract<Spec, { id: Id }>['output']>
export type Job = contract.Job

/** A refusal of the server, or a connection that was lost (`OFFLINE`). */
export interface ApiError {
  code: string
  message: string
  hint?: string
  details?: unknown
}

/** What is thrown. */
export class ApiFailure extends Error implements ApiError {
  readonly code: string
  readonly hint?: string
  readonly details?: unknown

  constructor({ code, message, hint, details }: ApiError) {
    super(message)
    this.name = 'ApiFailure'
    this.code = code
    if (hint !== undefined) this.hint = hint
    this.details = details
  }
}

export function isApiError(caught: unknown): caught is ApiError {
  return typeof caught === 'object' && caught !== null && 'code' in caught && 'message' in caught
}

const offline: ApiError = {
  code: 'OFFLINE',
  message: 'The server does not answer.',
  hint: 'It may be restarting; this page tries again by itself. Start it with: fovea up',
}

/** Runs a short operation. Rejects with an ApiError. */
export async function call<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  signal?: AbortSignal,
): Promise<Output<Id>> {
  const answer = await send(`/api/${id}`, input, signal)
  return (await answer.json()) as Output<Id>
}

/** Starts a long operation and answers its job at once; watch it with `watchJob`. */
export async function start<Id extends OperationId>(id: Id, input: Input<Id>): Promise<Job> {
  const answer = await send(`/api/${id}`, input)
  return ((await answer.json()) as { job: Job }).job
}

/** Runs a long operation as a job to its end. Rejects with an ApiError. */
export async function callLong<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  signal?: AbortSignal,
): Promise<Output<Id>> {
  const answer = await send(`/api/${id}?wait=1`, input, signal)
  return (await answer.json()) as Output<Id>
}

async function send(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...nameHeaders() },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiFailure(offline)
  }
  return refuseFailure(answer)
}

async function refuseFailure(answer: Response): Promise<Response> {
  if (answer.ok) return answer
  const told: unknown = await answer.json().catch(() => undefined)
  throw new ApiFailure(
    isApiError(told)
      ? told
      : { code: 'INTERNAL', message: `The server answered ${answer.status} ${answer.statusText}.` },
  )
}

/** Bytes of a view with what the server says about them. Rejects with an ApiError. */
async function fetchView(
  kind: 'frame' | 'field' | 'points',
  parameters: Record<string, string | undefined>,
  signal?: AbortSignal,
): Promise<{ about: Record<string, unknown> & { rows: number }; buffer: ArrayBuffer }> {
  const query = new URLSearchParams(
    Object.entries(parameters).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  let answer: Response
  try {
    answer = await fetch(`/view/${kind}?${query}`, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiFailure(offline)
  }
  await refuseFailure(answer)
  const about = JSON.parse(decodeURIComponent(answer.headers.get('x-fovea-view') ?? '%7B%7D')) as { rows: number }
  return { about, buffer: await answer.arrayBuffer() }
}

/** Every sample of a query in its order. */
export interface Frame {
  ids: Int32Array
  /** width / height */
  aspects: Float32Array
}

export async function fetchFrame(dataset: string, query: string, signal?: AbortSignal): Promise<Frame> {
  const { about, buffer } = await fetchView('frame', { dataset, query }, signal)
  return { ids: new Int32Array(buffer, 0, about.rows), aspects: new Float32Array(buffer, about.rows * 4, about.rows) }
}

/** One value a sample, in id order. */
export interface FieldColumn {
  ids: Int32Array
  /** NaN (numbers) or −1 (names) where missing. */
  values: Float32Array
  /** What the values are indexes of; null for numbers. */
  names: string[] | null
}

export async function fetchField(dataset: string, field: string, signal?: AbortSignal): Promise<FieldColumn> {
  const { about, buffer } = await fetchView('field', { dataset, field }, signal)
  return {
    ids: new Int32Array(buffer, 0, about.rows),
    values: new Float32Array(buffer, about.rows * 4, about.rows),
    names: (about['names'] as string[] | null | undefined) ?? null,
  }
}

export interface MapPoints {
  space: string
  method: string
  ids: Int32Array
  /** x, y of each. */
  places: Float32Array
}

export async function fetchPoints(
  dataset: string,
  space?: string,
  method?: string,
  signal?: AbortSignal,
): Promise<MapPoints> {
  const { about, buffer } = await fetchView('points', { dataset, space, method }, signal)
  return {
    space: String(about['space']),
    method: String(about['method']),
    ids: new Int32Array(buffer, 0, about.rows),
    places: new Float32Array(buffer, about.rows * 4, about.rows * 2),
  }
}

export const thumbUrl = (id: number): string => `/thumb/s_${id}`
export const mediaUrl = (id: number): string => `/media/s_${id}`
