import { z } from 'zod'
import type { TrainingTask } from '#contract'
import { FoveaError } from '#base'
import { suggestName } from './nearest.ts'
import type { Trainer, TrainingJob } from './types.ts'

export interface ParameterFacts {
  name: string
  tasks: TrainingTask[]
  type: string
  default: string | number | boolean | null
  description: string
}

interface PropertySchema {
  type?: string | string[]
  enum?: unknown[]
  anyOf?: PropertySchema[]
  default?: unknown
  description?: string
  minimum?: number
  maximum?: number
}

/** The schema that parameters of a task are held against. */
export function paramsSchemaOf(trainer: Trainer, task: TrainingTask): z.ZodObject {
  return trainer.taskParams?.[task] ?? trainer.params
}

/** All parameters of a run, defaults filled in. Throws INPUT_INVALID that names the nearest parameter, or the value that is wrong. */
export function readParams(
  trainer: Trainer,
  task: TrainingTask,
  given: Readonly<Record<string, string | number | boolean>>,
): TrainingJob['params'] {
  const schema = paramsSchemaOf(trainer, task)
  const known = Object.keys(schema.shape)
  const takesAll = schema.def.catchall !== undefined && !(schema.def.catchall instanceof z.ZodNever)
  for (const name of Object.keys(given))
    if (!takesAll && !known.includes(name))
      throw new FoveaError(
        'INPUT_INVALID',
        `Trainer ${trainer.name} has no parameter ${JSON.stringify(name)} for ${task}.`,
        {
          hint: `${suggestName(name, known)} List them with: fovea trainers`,
          details: { known },
        },
      )
  const result = schema.safeParse(given)
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new FoveaError(
      'INPUT_INVALID',
      `The parameters of trainer ${trainer.name} are not valid: ${faults.join('; ')}.`,
      {
        hint: 'List the parameters and what they take with: fovea trainers',
        details: { faults },
      },
    )
  }
  return Object.fromEntries(
    Object.entries(result.data).filter((entry): entry is [string, string | number | boolean] =>
      ['string', 'number', 'boolean'].includes(typeof entry[1]),
    ),
  )
}

/** What a trainer can be told, from its schemas. Parameters that say the same for several tasks are listed once. */
export function describeParams(trainer: Trainer): ParameterFacts[] {
  const facts = new Map<string, ParameterFacts>()
  for (const task of trainer.tasks) {
    const { properties = {} } = z.toJSONSchema(paramsSchemaOf(trainer, task), {
      io: 'input',
      unrepresentable: 'any',
    }) as { properties?: Record<string, PropertySchema> }
    for (const [name, property] of Object.entries(properties)) {
      const one = {
        name,
        type: typeText(property),
        default: property.default === undefined ? null : (property.default as ParameterFacts['default']),
        description: property.description ?? '',
      }
      const key = JSON.stringify(one)
      const known = facts.get(key)
      if (known === undefined) facts.set(key, { ...one, tasks: [task] })
      else known.tasks.push(task)
    }
  }
  return [...facts.values()]
}

function typeText({ type, enum: options, anyOf, minimum, maximum }: PropertySchema): string {
  if (options !== undefined) return options.map(String).join(' | ')
  if (anyOf !== undefined) return anyOf.map(typeText).join(' | ')
  const name = Array.isArray(type) ? type.join(' | ') : (type ?? 'text')
  const isBounded = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  if (isBounded(minimum) && isBounded(maximum)) return `${name} ${minimum} to ${maximum}`
  if (isBounded(minimum)) return `${name} from ${minimum}`
  return isBounded(maximum) ? `${name} to ${maximum}` : name
}
