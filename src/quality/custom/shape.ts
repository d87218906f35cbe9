import { z } from 'zod'
import { sampleIdText } from '#contract'

/** What a custom check answers. */
export const customAnswer = z.object({
  pass: z.boolean(),
  message: z.string().min(1).max(10_000),
  looked: z.number().int().min(0),
  found: z.number().int().min(0).default(0),
  unit: z.string().min(1).max(50).default('samples'),
  value: z.number().nullable().default(null),
  bound: z.string().max(200).nullable().default(null),
  query: z.string().max(20_000).nullable().default(null),
  hint: z.string().max(2_000).optional(),
  findings: z
    .array(z.object({ sample: sampleIdText, what: z.string().max(2_000), score: z.number().nullable().default(null) }))
    .max(10_000)
    .default([]),
})

/** What travels to the worker that runs it. */
export interface CustomTask {
  /** JavaScript of the module. */
  code: string
  dataset: string
  scope: string
  options: Record<string, unknown>
}

/** Questions a custom check may ask of the data; all are answered within the scope. */
export const questions = {
  count: z.tuple([z.string().default('')]),
  ids: z.tuple([z.string().default('')]),
  values: z.tuple([z.string(), z.string().default('')]),
  samples: z.tuple([
    z.string().default(''),
    z
      .object({
        fields: z.array(z.string()).optional(),
        limit: z.number().int().min(1).max(10_000).default(1_000),
        offset: z.number().int().min(0).default(0),
      })
      .default({ limit: 1_000, offset: 0 }),
  ]),
  labels: z.tuple([z.array(sampleIdText).max(1_000), z.string().optional()]),
} as const
export type Question = keyof typeof questions

export type FromWorker =
  | { kind: 'ask'; id: number; question: Question; args: unknown[] }
  | { kind: 'answer'; answer: unknown }
  | { kind: 'failure'; message: string }

export type ToWorker = { id: number; value: unknown } | { id: number; error: string }
