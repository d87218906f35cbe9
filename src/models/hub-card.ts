import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

/** File that pullModel leaves in the folder: where the model was taken from. */
export const originFile = 'fovea-origin.json'
const originSchema = z.object({ source: z.string(), revision: z.string() })

/** Title and licence of a README.md with front matter, as the hub's model cards have it; empty without. */
export async function readModelCard(folder: string): Promise<{ title: string; licence: string }> {
  const text = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '')
  const front = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/.exec(text)
  const heading = /^#\s+(.+)$/m.exec(text.slice(front?.[0].length ?? 0))?.[1] ?? ''
  return { title: heading.trim().slice(0, 200), licence: readLicence(front?.[1] ?? '') }
}

function readLicence(front: string): string {
  let data: unknown
  try {
    data = parse(front)
  } catch {
    // A card that is no YAML only costs the name of the licence.
    return ''
  }
  const said = z
    .object({ license: z.union([z.string(), z.array(z.string())]), license_name: z.string().optional() })
    .safeParse(data)
  if (!said.success) return ''
  const { license, license_name: own } = said.data
  // A licence of its own is called "other" there.
  return (license === 'other' && own !== undefined ? own : [license].flat().join(', ')).slice(0, 200)
}

/** Address that pullModel took a model from; undefined for one that came otherwise. */
export async function readOrigin(folder: string): Promise<string | undefined> {
  try {
    return originSchema.parse(JSON.parse(await readFile(join(folder, originFile), 'utf8'))).source
  } catch {
    // Not there, or written by hand: where a model came from is no reason to refuse it.
    return undefined
  }
}
