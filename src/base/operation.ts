import type { z } from 'zod'
import type { OperationSpec } from '#contract'
import type { Progress } from './progress.ts'

export interface Logger {
  info(message: string, facts?: Record<string, unknown>): void
  warn(message: string, facts?: Record<string, unknown>): void
}

/** What every handler gets beside its input. Services come through the factory that made the handler. */
export interface CallContext {
  signal: AbortSignal
  progress: Progress
  /** Who asks: a user name, or `local`. */
  actor: string
  log: Logger
  /**
   * Whether bytes of a file may be read for the one who asks, symbolic links resolved; any may when it is left out.
   * For files that other files name; paths of the input are checked before.
   */
  mayReach?: MayReach | undefined
}

/** Takes an absolute path. */
export type MayReach = (file: string) => Promise<boolean>

export interface Operation<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  spec: OperationSpec<I, O>
  handle(input: z.output<I>, context: CallContext): Promise<z.input<O>>
}

/** Ties a handler to its spec. The registry validates input and output around it. */
export function implement<I extends z.ZodType, O extends z.ZodType>(
  spec: OperationSpec<I, O>,
  handle: (input: z.output<I>, context: CallContext) => Promise<z.input<O>>,
): Operation {
  return { spec, handle }
}
