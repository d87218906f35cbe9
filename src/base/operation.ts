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
}

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
