import { z } from 'zod'
import { FoveaError } from '#base'
import type { ModelRegistry } from '#models'
import type { GoldenAnswer } from './answer.ts'

/** Where golden pictures stand beside a version. */
const goldenFolder = 'golden'
const recordName = `${goldenFolder}/expected.json`

const unit = z.number()
const answerSchema = z.object({
  widthPx: z.int(),
  heightPx: z.int(),
  classes: z.array(z.object({ class: z.string(), score: unit })).optional(),
  values: z.record(z.string(), z.number()).optional(),
  boxes: z.array(z.object({ class: z.string(), score: unit, x: unit, y: unit, w: unit, h: unit })).optional(),
  mask: z.object({ classes: z.array(z.string()), runs: z.array(z.int().min(0)) }).optional(),
  anomaly: z.object({ score: unit, threshold: unit }).optional(),
})

/** `expected.json`: each golden picture with what the version answered for it. */
const goldenRecordSchema = z.object({
  version: z.literal(1),
  pictures: z.array(z.object({ file: z.string().regex(/^[^/\\]+$/), answer: answerSchema })),
})
export interface GoldenRecord {
  version: 1
  pictures: { file: string; answer: GoldenAnswer }[]
}

/** Keeps golden pictures beside a version, the record last: what it names is there. */
export async function writeGolden(
  registry: ModelRegistry,
  reference: string,
  pictures: readonly { file: string; bytes: Uint8Array; answer: GoldenAnswer }[],
): Promise<void> {
  for (const { file, bytes } of pictures) await registry.attach(reference, `${goldenFolder}/${file}`, bytes)
  const record: GoldenRecord = { version: 1, pictures: pictures.map(({ file, answer }) => ({ file, answer })) }
  await registry.attach(reference, recordName, JSON.stringify(record))
}

/** The golden pictures of a version; empty where none were recorded. Throws MODEL_INVALID for a damaged record. */
export async function readGolden(
  registry: ModelRegistry,
  reference: string,
): Promise<{ file: string; bytes: Uint8Array; answer: GoldenAnswer }[]> {
  let bytes: Uint8Array
  try {
    bytes = await registry.readAttached(reference, recordName)
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'SOURCE_NOT_FOUND') return []
    throw error
  }
  const { pictures } = parseGolden(Buffer.from(bytes).toString('utf8'), recordName)
  return Promise.all(
    pictures.map(async (picture) => ({
      ...picture,
      bytes: await registry.readAttached(reference, `${goldenFolder}/${picture.file}`),
    })),
  )
}

/** Throws MODEL_INVALID. */
function parseGolden(text: string, name: string): GoldenRecord {
  try {
    return goldenRecordSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `The record of golden pictures ${name} cannot be read.`, {
      hint: 'Record them again: fovea golden MODEL',
      cause: error,
    })
  }
}
