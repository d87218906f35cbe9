import { FoveaError } from '#base'

/** What a text names: a model, and which version of it. */
interface ModelReference {
  model: string
  version?: number
  alias?: string
}

/** The newest version, whatever it is; no alias may be called so. */
export const latest = 'latest'
/** What a model's name alone stands for, once some version has it. */
export const champion = 'champion'

const modelPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/
const aliasPattern = /^[a-z][a-z0-9._-]{0,63}$/
const form = 'NAME, NAME@ALIAS or NAME:VERSION'

/** Reads NAME, NAME@ALIAS or NAME:VERSION. Throws MODEL_NOT_FOUND for what can name no model. */
export function parseReference(text: string): ModelReference {
  const [, model = '', sign, rest = ''] = /^([^@:]*)(?:([@:])(.*))?$/s.exec(text) ?? []
  const fits =
    modelPattern.test(model) &&
    (sign === undefined || (sign === '@' ? aliasPattern.test(rest) : /^[1-9]\d{0,8}$/.test(rest)))
  if (!fits)
    throw new FoveaError('MODEL_NOT_FOUND', `Expected a model as ${form}, got ${JSON.stringify(text)}.`, {
      hint: 'For example tiles, tiles@champion or tiles:3. List them with: fovea models versions',
    })
  if (sign === undefined) return { model }
  return sign === '@' ? { model, alias: rest } : { model, version: Number(rest) }
}

/** Throws INPUT_INVALID. */
export function checkModelName(model: string): void {
  if (modelPattern.test(model)) return
  throw new FoveaError(
    'INPUT_INVALID',
    `A model name has 1 to 64 of a-z, 0-9, dot, dash and underscore, got ${JSON.stringify(model)}.`,
  )
}

/** Throws INPUT_INVALID. */
export function checkAlias(alias: string): void {
  if (aliasPattern.test(alias) && alias !== latest) return
  throw new FoveaError(
    'INPUT_INVALID',
    alias === latest
      ? `${latest} always stands for the newest version and cannot be set.`
      : `An alias begins with a letter and has 1 to 64 of a-z, 0-9, dot, dash and underscore, got ${JSON.stringify(alias)}.`,
    { hint: 'For example champion or candidate.' },
  )
}
