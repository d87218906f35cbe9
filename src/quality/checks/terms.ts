import { quote } from '#query'

/** A number as queries write it: plain digits, exactly the same number. */
export function numberText(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  const [mantissa, exponent] = text.split('e') as [string, string]
  const digits = mantissa.replace('-', '').replace('.', '')
  const point = mantissa.replace('-', '').split('.')[0]!.length + Number(exponent)
  const sign = value < 0 ? '-' : ''
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}

export const fieldText = (name: string): string => quote(name, '`')

/** The condition that a measure lies outside its bounds; null for one that queries do not know. */
export function measureTerm(measure: string, low: number, high: number, layer = 'truth'): string | null {
  if (measure === 'size') return null
  const name = measure === 'objects' ? `${layerPrefix(layer)}objects` : fieldText(measure)
  return `${name} < ${numberText(low)} or ${name} > ${numberText(high)}`
}

/** What stands before terms about labels. */
export const layerPrefix = (layer: string): string => (layer === 'truth' ? '' : `layer(${quote(layer, '"')}).`)

/** Samples of the layer with a label that meets a condition. */
export function labelsTerm(layer: string, condition: string): string {
  return `${layerPrefix(layer)}labels[${condition}]`
}

export function oneOf(name: string, values: readonly string[]): string {
  return `${name} in (${values.map((value) => quote(value, '"')).join(', ')})`
}
