import type { z } from 'zod'
import type { CheckPlot, Finding, QueryNames, Severity } from '#contract'
import type { Clock } from '#base'
import type { DatasetRef } from '#catalog'

/** What a check is run on. */
export interface CheckContext {
  dataset: DatasetRef
  /** Query of the samples it may look at; empty for all. */
  scope: string
  /** What the data is compared with, where the caller named something. */
  reference: { dataset: DatasetRef; query: string } | undefined
  signal: AbortSignal
  clock: Clock
  /** Where the suite file lies; files it names count from there. */
  folder?: string | undefined
  /** Whether the one who asks may run code of their own here. */
  owner?: boolean | undefined
}

/** What a check saw. The suite makes of it an outcome: nothing looked at is `empty`, a broken bound the severity of the check. */
export interface Looked {
  unit: string
  looked: number
  found: number
  /** Held against the bound. */
  value: number | null
  bound: string | null
  broken: boolean
  message: string
  /** Finds the samples again. */
  query: string | null
  /** What a query that names samples one by one leaves out; undefined where nothing. */
  queryNames?: QueryNames | undefined
  /** Worst first, at most 24. */
  findings: Finding[]
  plot?: CheckPlot | undefined
  hint?: string | undefined
  /** Where the check chose how to measure: the parameters that name what it chose. A suite learned from what it saw keeps to them. */
  chose?: Readonly<Record<string, string | number>> | undefined
}

/** A kind of check. */
export interface CheckKind<P extends z.ZodObject = z.ZodObject> {
  /** As suites name it: lower case, hyphens. */
  name: string
  title: string
  group: 'pictures' | 'labels' | 'balance' | 'splits' | 'drift' | 'pillars' | 'expectations'
  /** What it finds, by which rule, from which source. */
  about: string
  severity: Severity
  /** Parameter that `- name: value` sets in a suite. */
  shorthand?: string
  needs: readonly ('against' | 'vectors' | 'predictions' | 'splits')[]
  parameters: P
  /** What is wrong with the parameters for this data, told before anything runs. */
  verify?(context: CheckContext, parameters: z.output<P>): Promise<ParameterFault[]>
  look(context: CheckContext, parameters: z.output<P>): Promise<Looked>
}

export interface ParameterFault {
  message: string
  hint: string | null
  parameter: string
  /** UTF-16 unit of the text of the parameter where it goes wrong. */
  offset?: number | undefined
}
