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

/** What the system says of a disk or folder that takes no more, by its own codes. */
const storageFaults: Readonly<Record<string, { code: ErrorCode; what: string; hint: string }>> = {
  ENOSPC: { code: 'STORAGE_FULL', what: 'there is no space left', hint: 'Make room on the disk' },
  EDQUOT: { code: 'STORAGE_FULL', what: 'the quota is used up', hint: 'Make room on the disk' },
  EROFS: { code: 'STORAGE_DENIED', what: 'the disk is read-only', hint: 'Let the disk be written to' },
  EACCES: { code: 'STORAGE_DENIED', what: 'permission is denied', hint: 'Mend the permissions of the folder' },
  EPERM: { code: 'STORAGE_DENIED', what: 'permission is denied', hint: 'Mend the permissions of the folder' },
  ENOTDIR: {
    code: 'STORAGE_DENIED',
    what: 'a file stands where a folder is expected',
    hint: 'Move the file away',
  },
}
/** Calls that are not about files have some of the same codes. */
const otherCalls = /^(listen|bind|connect|spawn|kill|getaddrinfo)/

/** What a fault of the disk means, STORAGE_FULL or STORAGE_DENIED; undefined for every other error. `place`: what was to be written. */
export function readStorageFault(caught: unknown, place?: string): FoveaError | undefined {
  if (!(caught instanceof Error)) return undefined
  const { code, syscall, path, dest } = caught as NodeJS.ErrnoException & { dest?: string }
  const known =
    code === undefined ? undefined : storageFaults[code === 'EEXIST' && syscall === 'mkdir' ? 'ENOTDIR' : code]
  if (known === undefined || syscall === undefined || otherCalls.test(syscall)) return undefined
  const where = place ?? dest ?? path
  return new FoveaError(
    known.code,
    `${where === undefined ? 'A file' : where} cannot be ${syscall === 'scandir' || syscall === 'read' ? 'read' : 'written'}: ${known.what}.`,
    { hint: `${known.hint}, and run the same command again.`, details: { reason: code }, cause: caught },
  )
}

/** Wraps anything caught into a FoveaError; an unexpected one becomes INTERNAL and keeps its cause. */
export function toFoveaError(caught: unknown): FoveaError {
  if (caught instanceof FoveaError) return caught
  if (caught instanceof Error && caught.name === 'AbortError') {
    return new FoveaError('CANCELLED', 'The work was cancelled before it ended.', { cause: caught })
  }
  const storage = readStorageFault(caught)
  if (storage !== undefined) return storage
  const message = caught instanceof Error ? caught.message : String(caught)
  return new FoveaError('INTERNAL', `Unexpected failure: ${message}`, {
    hint: 'This is a fault in fovea. Nothing acknowledged is lost; run the same command again, and report it if it returns.',
    cause: caught,
  })
}
