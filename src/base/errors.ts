import { errorCatalogue, type ErrorBody, type ErrorCode } from '#contract'

export interface FoveaErrorOptions {
  /** What to do about it, one sentence. */
  hint?: string
  /** Machine-readable evidence: positions, candidates, counts. */
  details?: unknown
  cause?: unknown
}

/**
 * The only error fovea throws on purpose. `message` says what was expected and what came;
 * `hint` says what to do. Adapters (CLI, HTTP) alone translate it.
 */
export class FoveaError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly details: unknown

  constructor(code: ErrorCode, message: string, options: FoveaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FoveaError'
    this.code = code
    this.hint = options.hint
    this.details = options.details
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }

  get exitCode(): number {
    return errorCatalogue[this.code].exit
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.details === undefined ? {} : { details: this.details }),
    }
  }

  static fromBody(body: ErrorBody): FoveaError {
    return new FoveaError(body.code, body.message, { hint: body.hint, details: body.details })
  }
}

/** Wraps anything caught into a FoveaError; an unexpected one becomes INTERNAL and keeps its cause. */
export function toFoveaError(caught: unknown): FoveaError {
  if (caught instanceof FoveaError) return caught
  if (caught instanceof Error && caught.name === 'AbortError') {
    return new FoveaError('CANCELLED', 'The work was cancelled before it ended.', { cause: caught })
  }
  const message = caught instanceof Error ? caught.message : String(caught)
  return new FoveaError('INTERNAL', `Unexpected failure: ${message}`, {
    hint: 'This is a fault in fovea. Nothing acknowledged is lost; run the same command again, and report it if it returns.',
    cause: caught,
  })
}
