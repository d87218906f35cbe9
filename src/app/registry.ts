import type { z } from 'zod'
import * as contract from '#contract'
import { FoveaError, type CallContext, type Operation } from '#base'
import { nearestName, suggestName } from './nearest.ts'

export type Spec = contract.OperationSpec

/** A room as the registry sees it: which operations it answers for, and how to get them when one is first called. */
export interface RoomSource {
  name: string
  ids: readonly string[]
  load(): Promise<readonly Operation[]>
}

export interface Registry {
  readonly specs: ReadonlyMap<string, Spec>
  /** Throws OPERATION_NOT_FOUND. */
  spec(id: string): Spec
  /** The input with defaults filled in. Throws INPUT_INVALID naming every fault. */
  parse(id: string, input: unknown): unknown
  /** Validates the input, runs the handler, validates the output. */
  call(id: string, input: unknown, context: CallContext): Promise<unknown>
  /** Loads every room, so that a missing or double handler is found at once. */
  verify(): Promise<void>
}

/** Every operation the contract declares, by id. */
export function listSpecs(): Map<string, Spec> {
  const specs = new Map<string, Spec>()
  for (const value of Object.values(contract) as unknown[]) {
    if (isSpec(value)) specs.set(value.id, value)
  }
  return new Map([...specs].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isSpec(value: unknown): value is Spec {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'effect' in value &&
    'input' in value &&
    'output' in value
  )
}

/**
 * Ties specs to rooms. Throws INTERNAL when an operation has no room or two, or a room names an operation that is not declared;
 * the handlers themselves are checked the same way when their room is loaded.
 */
export function createRegistry(deps: { specs: ReadonlyMap<string, Spec>; rooms: readonly RoomSource[] }): Registry {
  const { specs } = deps
  const roomOf = new Map<string, RoomSource>()
  const faults: string[] = []
  for (const room of deps.rooms) {
    for (const id of room.ids) {
      if (!specs.has(id)) faults.push(`${id} of ${room.name} is not declared in the contract`)
      const other = roomOf.get(id)
      if (other !== undefined) faults.push(`${id} has two handlers, in ${other.name} and ${room.name}`)
      roomOf.set(id, room)
    }
  }
  for (const id of specs.keys()) if (!roomOf.has(id)) faults.push(`${id} has no handler`)
  if (faults.length > 0) throw wiringError(faults)

  const loaded = new Map<RoomSource, Promise<Map<string, Operation>>>()
  const loadRoom = (room: RoomSource): Promise<Map<string, Operation>> => {
    let operations = loaded.get(room)
    if (operations === undefined) {
      operations = indexRoom(room)
      loaded.set(room, operations)
      // A room that failed to load is tried again at the next call.
      operations.catch(() => loaded.delete(room))
    }
    return operations
  }
  const spec = (id: string): Spec => {
    const found = specs.get(id)
    if (found === undefined) {
      throw new FoveaError('OPERATION_NOT_FOUND', `There is no operation ${JSON.stringify(id)}.`, {
        hint: suggestName(id, [...specs.keys()]),
      })
    }
    return found
  }
  const parse = (id: string, input: unknown): unknown => parseInput(spec(id), input)

  return {
    specs,
    spec,
    parse,
    async call(id, input, context) {
      const parsed = parse(id, input)
      const operations = await loadRoom(roomOf.get(id)!)
      const output = await operations.get(id)!.handle(parsed, context)
      const result = specs.get(id)!.output.safeParse(output)
      if (result.success) return result.data
      throw new FoveaError(
        'OUTPUT_INVALID',
        `${id} answered something its contract does not allow: ${describeIssues(result.error.issues, output).join(' ')}`,
        {
          hint: 'This is a fault in fovea; the data are not harmed. Please report it.',
        },
      )
    },
    async verify() {
      for (const room of deps.rooms) await loadRoom(room)
    },
  }
}

async function indexRoom(room: RoomSource): Promise<Map<string, Operation>> {
  const operations = new Map<string, Operation>()
  const faults: string[] = []
  for (const operation of await room.load()) {
    if (operations.has(operation.spec.id)) faults.push(`${operation.spec.id} has two handlers in ${room.name}`)
    if (!room.ids.includes(operation.spec.id))
      faults.push(`${room.name} brings ${operation.spec.id}, which it does not announce`)
    operations.set(operation.spec.id, operation)
  }
  for (const id of room.ids) if (!operations.has(id)) faults.push(`${id} has no handler in ${room.name}`)
  if (faults.length > 0) throw wiringError(faults)
  return operations
}

function wiringError(faults: readonly string[]): FoveaError {
  return new FoveaError('INTERNAL', `The operations do not fit together: ${faults.join('; ')}.`, {
    details: { faults },
  })
}

function parseInput(spec: Spec, input: unknown): unknown {
  const given = input ?? {}
  const faults: string[] = []
  const shape = 'shape' in spec.input ? Object.keys(spec.input.shape as object) : undefined
  if (shape !== undefined && typeof given === 'object') {
    for (const key of Object.keys(given)) {
      if (shape.includes(key)) continue
      const near = nearestName(key, shape)
      faults.push(
        `${key}: ${spec.id} takes no such input${near === undefined ? (shape.length > 0 ? `; it takes ${shape.join(', ')}.` : '.') : `; did you mean ${near}?`}`,
      )
    }
  }
  const result = spec.input.safeParse(given)
  if (!result.success) faults.push(...describeIssues(result.error.issues, given))
  if (faults.length === 0) return result.data
  throw new FoveaError(
    'INPUT_INVALID',
    `The input of ${spec.id} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}: ${faults.join(' ')}`,
    {
      hint: `See: fovea ${spec.id.replace('.', ' ')} --help`,
      details: { faults },
    },
  )
}

/** `tags.0: Too small: …, got "".` for each issue. */
function describeIssues(issues: readonly z.core.$ZodIssue[], root: unknown): string[] {
  return issues.map((issue) => {
    let value: unknown = root
    for (const part of issue.path) value = (value as Record<PropertyKey, unknown> | undefined | null)?.[part]
    const got = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value)
    const path = issue.path.length === 0 ? 'input' : issue.path.join('.')
    const message = issue.message
      .replace(/, received .*$/, '')
      .replace(/^(Invalid input|Invalid option|Too small|Too big): /, '')
    return `${path}: ${message}, got ${got.length > 80 ? `${got.slice(0, 77)}…` : got}.`
  })
}
