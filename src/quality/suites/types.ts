import type { Severity, Stage } from '#contract'
import type { CheckKind } from '../types.ts'
import type { Place } from './source.ts'

/** A text of the file that will be read further, such as a query. */
export interface Located {
  text: string
  /** Where a character of the text stands in the file. */
  at(offset: number): Place
}

/** A check of a suite, ready to run. */
export interface SuiteCheck {
  id: string
  kind: CheckKind
  title: string | null
  /** Null leaves it to the suite, then to the kind. */
  severity: Severity | null
  scope: Located | null
  stage: Stage | null
  against: Located | null
  /** As the kind's schema gives them, defaults filled in. */
  parameters: Record<string, unknown>
  at: Place
  /** Where a parameter stands, for faults found later. */
  placeOf(parameter: string, offset?: number): Place
}

/** A suite with what it inherits. */
export interface Suite {
  name: string
  extends: string | null
  stage: Stage | null
  severity: Severity | null
  scope: Located | null
  against: Located | null
  /** Empty for any. */
  datasets: string[]
  checks: SuiteCheck[]
  at: Place
}

export interface SuiteFile {
  /** Absolute path. */
  file: string
  environments: string[]
  suites: Suite[]
}
