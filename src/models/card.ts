import { readFile } from 'node:fs/promises'
import { parse, TomlError } from 'smol-toml'
import { z } from 'zod'
import { FoveaError } from '#base'

const colour = z.tuple([z.number(), z.number(), z.number()])
const sizePx = z.int('Expected whole pixels').min(8).max(4096)

/** What cards of every kind of model say; `docs/models.md` explains each key. */
export const baseCard = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'Expected 1 to 64 of a-z, 0-9, dot, dash and underscore'),
  title: z.string().max(200).default(''),
  weights: z.string().regex(/^[^/\\]+\.onnx$/, 'Expected the name of an .onnx file beside the card'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits')
    .optional(),
  licence: z.string().max(200).default(''),
  source: z.string().max(2_000).default(''),
  input: z.strictObject({
    name: z.string(),
    layout: z.enum(['nchw', 'nhwc']),
    size: z.tuple([sizePx, sizePx]).describe('height, width'),
    resize: z.enum(['shorter', 'exact', 'letterbox']).default('exact'),
    crop: z.number().gt(0).max(1).default(1),
    interpolation: z.enum(['nearest', 'linear', 'cubic', 'lanczos3']).default('cubic'),
    pad: z.number().min(0).max(255).default(114),
    scale: z
      .number()
      .gt(0)
      .default(1 / 255),
    mean: colour.default([0, 0, 0]),
    std: z.tuple([z.number().gt(0), z.number().gt(0), z.number().gt(0)]).default([1, 1, 1]),
    channels: z.enum(['rgb', 'bgr']).default('rgb'),
  }),
})

/** The card of a model that answers with vectors. */
export const cardSchema = baseCard.extend({
  task: z.literal('embedding', 'Expected "embedding"'),
  output: z.strictObject({
    features: z.string(),
    dimensions: z.int().min(1).max(65_536),
    logits: z.string().optional(),
    maps: z.array(z.string()).default([]),
    classes: z.string().optional().describe('JSON file with the names of the logits, beside the card'),
    background: z.int().min(0).optional().describe('Index of a logit that stands for no class'),
  }),
})
export type ModelCard = z.output<typeof cardSchema>

/** Reads a card of a model that answers with vectors. Throws MODEL_INVALID that names every fault with its key. */
export const readCard = (file: string): Promise<ModelCard> => readCardAs(file, cardSchema)

/** Reads a card by a schema. Throws MODEL_INVALID that names every fault with its key. */
export async function readCardAs<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new FoveaError('MODEL_INVALID', `The model card ${file} cannot be read (${error.code}).`, {
      hint: 'Give the card with --card; docs/models.md shows one.',
      cause: error,
    })
  })
  let data: unknown
  try {
    data = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const where = `line ${error.line}, column ${error.column}`
    throw new FoveaError('MODEL_INVALID', `The model card ${file} is no valid TOML at ${where}.`, {
      hint: 'docs/models.md shows a card.',
      cause: error,
    })
  }
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the card'}: ${issue.message}`)
  throw new FoveaError('MODEL_INVALID', `The model card ${file} is not valid: ${faults.join('; ')}.`, {
    hint: 'docs/models.md lists the keys.',
    details: { faults },
  })
}
