import { readFile } from 'node:fs/promises'
import { FoveaError } from '#base'

/** Names of classes from a JSON array. Throws MODEL_INVALID. */
export async function readClasses(file: string): Promise<string[]> {
  try {
    const names: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `The class names ${file} cannot be read.`, {
      hint: 'Give a JSON array of names beside the card.',
      cause: error,
    })
  }
  throw new FoveaError('MODEL_INVALID', `Expected an array of names in ${file}.`, {
    hint: 'One text for each logit, background left out.',
  })
}
