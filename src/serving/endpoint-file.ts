import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { endpointName, endpointSettings } from '#contract'
import { FoveaError, writeFileAtomic } from '#base'
import type { StoredEndpoint } from './types.ts'

const stored = z.object({
  name: endpointName,
  settings: endpointSettings,
  keys: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      createdAt: z.string(),
      ratePerMinute: z.int().nullable(),
      salt: z.string(),
      hash: z.string(),
    }),
  ),
  history: z.array(
    z.object({ at: z.string(), actor: z.string(), reference: z.string(), model: z.string(), version: z.int() }),
  ),
  createdAt: z.string(),
  updatedAt: z.string(),
})
const fileSchema = z.object({ format: z.literal(1), endpoints: z.array(stored) })

/** The endpoints of a file; none where it does not exist. Throws CONFIG_INVALID for a file that is not ours. */
export async function readEndpoints(file: string): Promise<StoredEndpoint[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unreadable(file, (error as Error).message, error)
  }
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw unreadable(file, (error as Error).message, error)
  }
  const result = fileSchema.safeParse(data)
  if (result.success) return result.data.endpoints
  const [issue] = result.error.issues
  throw unreadable(file, `${issue!.path.join('.')}: ${issue!.message}`)
}

export async function writeEndpoints(file: string, endpoints: readonly StoredEndpoint[]): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify({ format: 1, endpoints }, null, 2)}\n`)
}

function unreadable(file: string, what: string, cause?: unknown): FoveaError {
  return new FoveaError('CONFIG_INVALID', `Expected the endpoints in ${file}, but they cannot be read: ${what}.`, {
    hint: 'Bring the file back from a backup, or remove it and deploy the endpoints again.',
    cause,
  })
}
