import { z } from 'zod'
import { fieldTypes, type FieldType } from '#contract'
import { quote } from '#query'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findSample,
  findWhole,
  joinQuery,
  layerName,
  sawNothing,
  showCount,
  showShare,
  shownFindings,
} from './looked.ts'
import { fieldText, labelsTerm, numberText, oneOf } from './terms.ts'

const fieldRule = z
  .strictObject({
    type: z.enum(fieldTypes).optional().describe('Type the field must have'),
    required: z.boolean().default(false).describe('Whether every sample must have a value'),
    min: z.number().optional().describe('Least number'),
    max: z.number().optional().describe('Greatest number'),
    one_of: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(1)
      .optional()
      .describe('Values allowed'),
    matches: z.string().min(1).optional().describe('Glob that texts must match'),
  })
  .describe('What is asked of one field')

type FieldRule = z.output<typeof fieldRule>

const share = { required: true, min: 0, max: 1 }
/** What import always measures, in the ranges it measures in. */
const measuredFacts: Record<string, FieldRule> = {
  path: { required: true },
  width: { required: true, min: 1 },
  height: { required: true, min: 1 },
  bytes: { required: true, min: 1 },
  brightness: share,
  contrast: share,
  sharpness: share,
  saturation: share,
  entropy: { required: true, min: 0, max: 8 },
}

/** Conditions of the query language that a sample breaks the rule by, each with what it says. */
function brokenBy(name: string, type: FieldType, rule: FieldRule): { condition: string; what: string }[] {
  const field = fieldText(name)
  const broken: { condition: string; what: string }[] = []
  if (rule.required) broken.push({ condition: `${field} is missing`, what: `${name} is missing` })
  if (rule.min !== undefined)
    broken.push({ condition: `${field} < ${numberText(rule.min)}`, what: `${name} is below ${rule.min}` })
  if (rule.max !== undefined)
    broken.push({ condition: `${field} > ${numberText(rule.max)}`, what: `${name} is above ${rule.max}` })
  if (rule.one_of !== undefined) {
    const list = rule.one_of.map((value) =>
      type === 'string' ? quote(String(value), '"') : typeof value === 'number' ? numberText(value) : String(value),
    )
    broken.push({
      // A missing value is required's matter alone.
      condition: `(${field} exists and ${field} not in (${list.join(', ')}))`,
      what: `${name} is none of ${rule.one_of.slice(0, 10).join(', ')}`,
    })
  }
  if (rule.matches !== undefined)
    broken.push({
      condition: `(${field} exists and ${field} !~ ${quote(rule.matches, '"')})`,
      what: `${name} does not match ${rule.matches}`,
    })
  return broken
}

/** Whether data has the shape that was agreed on. */
export function createSchemaKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'schema',
      title: 'Fields and classes as agreed',
      group: 'pillars',
      about:
        'Every field is there with its type, every value within its range or list, every label of a class that is allowed (the pillar schema of data observability). Without parameters: what import measures is there and in its range.',
      severity: 'fail',
      needs: [],
      parameters: z.object({
        fields: z.record(z.string(), fieldRule).default(measuredFacts).describe('What is asked of fields, by name'),
        classes: z.array(z.string().min(1)).optional().describe('Classes that labels may have; any when left out'),
        layer: layerName,
        max_share: z.number().min(0).max(1).default(0).describe('Greatest share of samples that may break a rule'),
      }),
      async look({ dataset, scope }, { fields, classes, layer, max_share }) {
        const schema = await catalog.schemaOf(dataset)
        const looked = await catalog.count(dataset, { scope })
        if (looked === 0) return sawNothing('samples', 'There is no sample to look at.')
        const faults: { condition: string; what: string }[] = []
        const structural: string[] = []
        for (const [name, rule] of Object.entries(fields)) {
          const field = schema.fields.find((known) => known.name === name)
          if (field === undefined) structural.push(`There is no field ${name}`)
          else if (rule.type !== undefined && rule.type !== field.type)
            structural.push(`${name} holds ${field.type}, not ${rule.type}`)
          else faults.push(...brokenBy(name, field.type, rule))
        }
        if (classes !== undefined) {
          const others = schema.classes.map(({ name }) => name).filter((name) => !classes.includes(name))
          if (others.length > 0)
            faults.push({
              condition: labelsTerm(layer, oneOf('class', others)),
              what: `has a label of another class than ${classes.slice(0, 10).join(', ')}`,
            })
        }
        // All rules in one question; which of them were broken only where any was.
        const any = faults.map(({ condition }) => condition).join(' or ')
        const found = any === '' ? 0 : await catalog.count(dataset, { scope, where: any })
        const findings = structural.map((what) => findWhole(what, null))
        const broken: string[] = [...structural]
        if (found > 0) {
          for (const { condition, what } of faults) {
            const samples = await catalog.pick(dataset, { scope, where: condition }, undefined, shownFindings)
            if (samples.length > 0) broken.push(what)
            findings.push(...samples.map((one) => findSample(one, what)))
          }
        }
        const value = found / looked
        return {
          unit: 'samples',
          looked,
          found: found + structural.length,
          value,
          bound: `≤ ${max_share}`,
          broken: structural.length > 0 || value > max_share,
          message:
            broken.length === 0
              ? `${showCount(looked, 'samples')} keep ${showCount(Object.keys(fields).length, 'fields')} as agreed.`
              : `${found} of ${showCount(looked, 'samples')} (${showShare(value)}) break what was agreed: ${broken.slice(0, 3).join('; ')}.`,
          query: found === 0 ? null : joinQuery(scope, any),
          findings: findings.slice(0, shownFindings),
          hint: broken.length === 0 ? undefined : 'Correct the values with fovea set, or the schema where it is wrong.',
        }
      },
    }),
  ]
}
