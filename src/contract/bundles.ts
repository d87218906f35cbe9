import { z } from 'zod'
import { operation } from './operation.ts'
import { modelReference } from './prediction.ts'

export const bundleTargets = ['onnx', 'web', 'node'] as const
export type BundleTarget = (typeof bundleTargets)[number]

const about = {
  model: z.string().describe('NAME:VERSION'),
  target: z.enum(bundleTargets),
  files: z.int().describe('Files it is made of, beside its manifest and its signature'),
  bytes: z.int(),
  key: z.string().describe('SHA-256 of the public key that it is signed with, in hex'),
}

export const makeBundle = operation({
  id: 'bundle.make',
  summary: 'Write a model as a folder that runs by itself, with golden pictures and a signature',
  effect: 'write',
  long: true,
  input: z.object({
    model: modelReference,
    target: z.enum(bundleTargets).default('onnx'),
    to: z.string().min(1).describe('Folder that is made'),
  }),
  output: z.object({ folder: z.string(), ...about }),
  errors: ['MODEL_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT', 'TARGET_EXISTS', 'PATH_OUTSIDE'],
})

export const verifyBundle = operation({
  id: 'bundle.verify',
  summary: 'Hold a bundle against its signature and digests, and its answers against its golden pictures',
  effect: 'read',
  long: true,
  input: z.object({
    folder: z.string().min(1).describe('Folder of a bundle'),
    key: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits')
      .optional()
      .describe('SHA-256 of the public key it must be signed with; any when left out'),
  }),
  output: z.object({
    ...about,
    signedHere: z.boolean().describe('By this workspace'),
    golden: z.int().describe('Golden pictures, all answered as recorded'),
  }),
  errors: ['SOURCE_NOT_FOUND', 'MODEL_INVALID', 'MODEL_MISMATCH', 'MODEL_OUTPUT', 'PATH_OUTSIDE'],
})
