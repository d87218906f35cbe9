import { FoveaError } from './errors.ts'

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** `s_<n>`, stable for the life of the sample. */
export type SampleId = Branded<string, 'SampleId'>

export function formatSampleId(n: number | bigint): SampleId {
  return `s_${n}` as SampleId
}

/** The integer inside `s_<n>`. Throws INPUT_INVALID for anything else. */
export function parseSampleId(text: string): number {
  const match = /^s_(\d{1,15})$/.exec(text)
  if (!match) {
    throw new FoveaError('INPUT_INVALID', `A sample id looks like s_12, got ${JSON.stringify(text)}.`, {
      hint: 'List ids with: fovea query --json',
    })
  }
  return Number(match[1])
}
