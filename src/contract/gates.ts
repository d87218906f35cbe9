import { z } from 'zod'
import { operation } from './operation.ts'
import { modelReference } from './prediction.ts'
import { datasetRef, queryText, selectionErrors } from './shared.ts'

const metricName = z.string().min(1).max(100)
const bound = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine((said) => said.min !== undefined || said.max !== undefined, 'Expected min, max or both')
const bounds = z.record(metricName, bound)
const drops = z.record(metricName, z.strictObject({ drop: z.number().min(0) }))
const positive = z.number().gt(0)

/** What a picture is done to, to see whether a model stands it. */
export const corruptions = ['noise', 'blur', 'brightness', 'jpeg', 'rotation'] as const
export type Corruption = (typeof corruptions)[number]

/** One gate of `fovea.gates.yaml`: what a version must meet before it is served. */
export const gateSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  dataset: z.string().min(1).optional().describe('Left out, the one the call names, or the one the model learnt from'),
  data: queryText.describe('Samples the model is judged by'),
  layer: z.string().min(1).default('truth').describe('Layer with the labels that are right'),
  metrics: bounds.default({}).describe('Bounds on metrics of all samples together'),
  slices: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        where: z.string().min(1).max(20_000).describe('Query; the samples of data that also meet it'),
        minSamples: z.int().min(1).default(1),
        metrics: bounds,
      }),
    )
    .default([]),
  champion: z
    .strictObject({
      alias: z.string().min(1).default('champion'),
      metrics: drops.describe('The 95 % interval of the paired difference must stay above −drop'),
    })
    .optional()
    .describe('What may be lost against the version that stands at an alias; met when none stands there'),
  latency: z
    .strictObject({
      p50Ms: positive.optional(),
      p95Ms: positive.optional(),
      pictures: z.int().min(1).max(1_000).default(20),
      threads: z.int().min(1).max(64).default(1),
    })
    .optional()
    .describe('From a file to an answer, one picture at a time'),
  size: z.strictObject({ maxMb: positive }).optional().describe('Of all files of the version, MB of 10⁶ bytes'),
  leakage: z
    .strictObject({ maxPairs: z.int().min(0).default(0) })
    .optional()
    .describe('Pairs of a picture it learnt from and one of data that show the same scene, as splits see it'),
  checks: z.array(z.string().min(1)).default([]).describe('Suites of data tests that must pass on data'),
  golden: z
    .strictObject({
      score: z.number().min(0).default(0.02).describe('By how much a score may differ'),
      iou: z.number().min(0).max(1).default(0.95).describe('How far a mask or box must agree'),
    })
    .optional()
    .describe('The golden pictures of the version must be answered as recorded'),
  robustness: z
    .array(
      z.strictObject({
        corruption: z.enum(corruptions),
        severity: z.int().min(1).max(5).default(2),
        metrics: z.record(
          metricName,
          z
            .strictObject({ min: z.number().optional(), drop: z.number().min(0).optional() })
            .refine((said) => said.min !== undefined || said.drop !== undefined, 'Expected min, drop or both'),
        ),
      }),
    )
    .default([]),
})
export type Gate = z.output<typeof gateSchema>

/** The file `fovea.gates.yaml`. */
export const gateFileSchema = z.strictObject({
  version: z.literal(1, 'Expected version 1'),
  gates: z.record(
    z.string().regex(/^[A-Za-z_][\w.-]{0,63}$/, 'Expected letters, digits, "_", "-" and "."'),
    gateSchema,
  ),
})
export type GateFile = z.output<typeof gateFileSchema>

export const gateOutcome = z.object({
  kind: z.enum(['metric', 'slice', 'champion', 'latency', 'size', 'leakage', 'checks', 'golden', 'robustness']),
  name: z.string(),
  passed: z.boolean(),
  expected: z.string(),
  found: z.string(),
  query: z.string().nullable().describe('Opens the samples it is about'),
})
export type GateOutcome = z.infer<typeof gateOutcome>

const gateErrors = [
  ...selectionErrors,
  'MODEL_NOT_FOUND',
  'MODEL_INVALID',
  'MODEL_MISMATCH',
  'MODEL_OUTPUT',
  'LAYER_NOT_FOUND',
] as const

export const gateEvidence = z.object({
  gate: z.string(),
  model: z.string().describe('NAME:VERSION'),
  passed: z.boolean(),
  at: z.string(),
  dataset: z.string(),
  query: z.string(),
  samples: z.number().int(),
  metrics: z.record(z.string(), z.number()),
  outcomes: z.array(gateOutcome),
  run: z.string(),
})
export type GateEvidence = z.infer<typeof gateEvidence>

export const runGate = operation({
  id: 'gate.run',
  summary: 'Hold a version of a model against a gate of fovea.gates.yaml, and keep the evidence beside it',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    gate: z.string().min(1).optional().describe('Name in the file; may be left out when there is only one'),
    file: z.string().min(1).optional().describe('Gate file; fovea.gates.yaml of the workspace when left out'),
    dataset: datasetRef,
  }),
  output: gateEvidence,
  errors: [...gateErrors, 'GATE_INVALID', 'SUITE_NOT_FOUND', 'SUITE_INVALID', 'INPUT_INVALID', 'PATH_OUTSIDE'],
})

export const recordGolden = operation({
  id: 'gate.golden',
  summary:
    'Keep pictures with what a version answers for them beside it: gates and bundles hold later answers against these',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    dataset: datasetRef,
    query: queryText,
    count: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(8)
      .describe('At most so many, spread evenly over what the query selects'),
  }),
  output: z.object({ model: z.string(), pictures: z.array(z.string()) }),
  errors: [...gateErrors, 'INPUT_INVALID'],
})

export const initGate = operation({
  id: 'gate.init',
  summary: 'Write a gate file with bounds learned from what a model reaches now',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    dataset: datasetRef,
    query: queryText
      .unwrap()
      .optional()
      .describe('Samples the gate is to judge by; those of the last evaluation where left out, else all'),
    file: z.string().min(1).optional(),
  }),
  output: z.object({ file: z.string(), gate: z.string(), metrics: z.record(z.string(), z.number()) }),
  errors: [...gateErrors, 'TARGET_EXISTS', 'INPUT_INVALID', 'PATH_OUTSIDE'],
})
