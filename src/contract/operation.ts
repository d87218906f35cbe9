import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/** `read` changes nothing; `write` can be undone; `destructive` asks for confirmation first. */
export type Effect = 'read' | 'write' | 'destructive'

export interface OperationSpec<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** `room.verb-noun`, for example `query.count`. The part before the dot groups CLI commands and API tags. */
  id: `${string}.${string}`
  /** One line, without a full stop, in the imperative. */
  summary: string
  effect: Effect
  /** Long operations run as jobs: persisted, observable, cancellable, resumable. */
  long: boolean
  input: I
  output: O
  /** Codes beyond INPUT_INVALID, INTERNAL and CANCELLED that the handler may raise. */
  errors: readonly ErrorCode[]
}

/** Declares an operation; pure data, so every face (CLI, HTTP, web) can read it. */
export function operation<const Id extends `${string}.${string}`, I extends z.ZodType, O extends z.ZodType>(
  spec: Omit<OperationSpec<I, O>, 'long' | 'id'> & { id: Id; long?: boolean },
): OperationSpec<I, O> & { id: Id } {
  return { long: false, ...spec }
}
