/**
 * Every error code fovea can raise, with the HTTP status and process exit code it maps to.
 * Codes are stable: clients may branch on them. Messages are written where the error is raised.
 */
export const errorCatalogue = {
  // input
  INPUT_INVALID: { status: 400, exit: 2 },
  QUERY_INVALID: { status: 400, exit: 2 },
  QUERY_NEEDS_EMBEDDINGS: { status: 409, exit: 2 },
  OPERATION_NOT_FOUND: { status: 404, exit: 2 },
  CONFIG_INVALID: { status: 400, exit: 2 },
  // workspace
  WORKSPACE_NOT_FOUND: { status: 404, exit: 3 },
  WORKSPACE_EXISTS: { status: 409, exit: 3 },
  WORKSPACE_BUSY: { status: 423, exit: 3 },
  WORKSPACE_TOO_NEW: { status: 409, exit: 3 },
  // things by name
  DATASET_NOT_FOUND: { status: 404, exit: 4 },
  DATASET_AMBIGUOUS: { status: 400, exit: 2 },
  DATASET_EXISTS: { status: 409, exit: 4 },
  SAMPLE_NOT_FOUND: { status: 404, exit: 4 },
  FIELD_NOT_FOUND: { status: 404, exit: 4 },
  FIELD_EXISTS: { status: 409, exit: 4 },
  FIELD_READ_ONLY: { status: 409, exit: 4 },
  FIELD_TYPE: { status: 400, exit: 2 },
  SLICE_NOT_FOUND: { status: 404, exit: 4 },
  CLASS_NOT_FOUND: { status: 404, exit: 4 },
  LAYER_NOT_FOUND: { status: 404, exit: 4 },
  JOB_NOT_FOUND: { status: 404, exit: 4 },
  JOB_NOT_RESUMABLE: { status: 409, exit: 4 },
  CHANGE_NOT_FOUND: { status: 404, exit: 4 },
  // versions
  VERSION_NOT_FOUND: { status: 404, exit: 4 },
  VERSION_READ_ONLY: { status: 409, exit: 4 },
  VERSION_DAMAGED: { status: 500, exit: 5 },
  TAG_EXISTS: { status: 409, exit: 4 },
  DATASET_BUSY: { status: 423, exit: 3 },
  // history
  UNDO_NOTHING: { status: 409, exit: 4 },
  UNDO_CONFLICT: { status: 409, exit: 4 },
  // import and export
  SOURCE_NOT_FOUND: { status: 404, exit: 5 },
  SOURCE_UNREADABLE: { status: 422, exit: 5 },
  FORMAT_UNKNOWN: { status: 422, exit: 5 },
  FORMAT_INVALID: { status: 422, exit: 5 },
  IMPORT_STOPPED: { status: 422, exit: 5 },
  TARGET_EXISTS: { status: 409, exit: 5 },
  EXPORT_LOSSY: { status: 409, exit: 5 },
  MEDIA_MISSING: { status: 404, exit: 5 },
  MEDIA_UNREADABLE: { status: 422, exit: 5 },
  MEDIA_TOO_LARGE: { status: 413, exit: 5 },
  LABEL_INVALID: { status: 422, exit: 5 },
  PATH_OUTSIDE: { status: 403, exit: 5 },
  ARCHIVE_UNSAFE: { status: 422, exit: 5 },
  // models and vectors
  MODEL_NOT_FOUND: { status: 404, exit: 4 },
  MODEL_EXISTS: { status: 409, exit: 4 },
  MODEL_INVALID: { status: 422, exit: 5 },
  MODEL_MISMATCH: { status: 422, exit: 5 },
  MODEL_OUTPUT: { status: 422, exit: 5 },
  MODEL_OFFLINE: { status: 502, exit: 5 },
  MODEL_IN_USE: { status: 409, exit: 4 },
  RUN_NOT_FOUND: { status: 404, exit: 4 },
  RUN_ACTIVE: { status: 409, exit: 4 },
  METRIC_INVALID: { status: 422, exit: 5 },
  TRAINING_DATA: { status: 422, exit: 5 },
  TRAINER_FAILED: { status: 502, exit: 5 },
  GATE_INVALID: { status: 422, exit: 2 },
  ENDPOINT_NOT_FOUND: { status: 404, exit: 4 },
  ENDPOINT_EXISTS: { status: 409, exit: 4 },
  KEY_NOT_FOUND: { status: 404, exit: 4 },
  OVERLOADED: { status: 429, exit: 5 },
  PREDICTION_TIMEOUT: { status: 504, exit: 5 },
  TEXT_UNKNOWN: { status: 422, exit: 2 },
  SPACE_NOT_FOUND: { status: 404, exit: 4 },
  SPACE_EXISTS: { status: 409, exit: 4 },
  SPACE_STALE: { status: 409, exit: 4 },
  VECTORS_INVALID: { status: 422, exit: 5 },
  MAP_NOT_FOUND: { status: 404, exit: 4 },
  // data tests
  SUITE_NOT_FOUND: { status: 404, exit: 2 },
  SUITE_INVALID: { status: 422, exit: 2 },
  REPORT_NOT_FOUND: { status: 404, exit: 4 },
  PROBABILITIES_INVALID: { status: 422, exit: 2 },
  // access
  TOKEN_MISSING: { status: 401, exit: 6 },
  TOKEN_WRONG: { status: 403, exit: 6 },
  ORIGIN_REFUSED: { status: 403, exit: 6 },
  TOO_MANY_REQUESTS: { status: 429, exit: 6 },
  TOO_LARGE: { status: 413, exit: 6 },
  CONFIRMATION_NEEDED: { status: 428, exit: 2 },
  PORT_TAKEN: { status: 409, exit: 3 },
  // the disk
  STORAGE_FULL: { status: 507, exit: 5 },
  STORAGE_DENIED: { status: 500, exit: 5 },
  // course of work
  CANCELLED: { status: 499, exit: 130 },
  OUTPUT_INVALID: { status: 500, exit: 70 },
  INTERNAL: { status: 500, exit: 70 },
} as const satisfies Record<string, { status: number; exit: number }>

export type ErrorCode = keyof typeof errorCatalogue

/** The one wire shape of an error, in HTTP bodies, job records and `--json` output. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  hint?: string
  details?: unknown
}
