import { z } from 'zod'
import { throwIfAborted } from '#base'
import type { FaultyLabel, LabelRule } from '#catalog'
import type { CheckKind } from '../types.ts'
import { crossesItself } from './crossing.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findLabel,
  joinQuery,
  judgeShare,
  layerName,
  maxShare,
  nameSamples,
  namedSamples,
  showNumber,
  shownFindings,
} from './looked.ts'
import { labelsTerm, numberText } from './terms.ts'

interface GeometryRule {
  name: string
  title: string
  about: string
  severity: 'warn' | 'fail' | 'info'
  /** The one figure that can be set. */
  figure: { name: string; value: number; min: number; max: number; says: string } | null
  allowed: number
  rule(figure: number): LabelRule
  /** The same as a condition on labels; null where queries cannot say it. */
  condition: ((figure: number) => string) | null
  are: string
  what(value: number): string
  hint: string
}

const covering = 'kind in ("box", "polygon", "mask")'

const rules: readonly GeometryRule[] = [
  {
    name: 'label-outside',
    title: 'Labels outside the picture',
    about: 'Labels whose bounds reach more than a pixel over the edge of the picture. The rule is our own.',
    severity: 'fail',
    figure: { name: 'tolerance_px', value: 1, min: 0, max: 10_000, says: 'How far bounds may reach over, px' },
    allowed: 0,
    rule: (tolerancePx) => ({ rule: 'outside', tolerancePx }),
    condition: null,
    are: 'reach outside their picture',
    what: (value) => `Reaches ${showNumber(value)} px over the edge`,
    hint: 'Look whether the picture was resized or turned after labelling, or sizes were swapped.',
  },
  {
    name: 'label-empty',
    title: 'Labels of no area',
    about: 'Boxes, polygons and masks without width, height or surface. The rule is our own.',
    severity: 'fail',
    figure: null,
    allowed: 0,
    rule: () => ({ rule: 'empty' }),
    condition: () => `${covering} and (width_px <= 0 or height_px <= 0 or area_px <= 0)`,
    are: 'cover no surface',
    what: () => 'Covers no surface',
    hint: 'They are slips of the mouse: delete them.',
  },
  {
    name: 'label-tiny',
    title: 'Tiny labels',
    about:
      'Boxes, polygons and masks smaller than a share of their picture: 0.00001 is 4 px of 640 × 640. The rule is our own.',
    severity: 'warn',
    figure: { name: 'min_area', value: 0.00001, min: 0, max: 1, says: 'Tiny below this share of the picture' },
    allowed: 0,
    rule: (low) => ({ rule: 'area', low, high: Number.MAX_VALUE }),
    condition: (low) => `${covering} and area < ${numberText(low)}`,
    are: 'are tiny',
    what: (value) => `Covers ${showNumber(value)} of the picture`,
    hint: 'Networks hardly see them: delete slips, or train at a higher resolution.',
  },
  {
    name: 'label-huge',
    title: 'Huge labels',
    about: 'Boxes, polygons and masks that cover more than 0.95 of their picture. The rule is our own.',
    severity: 'info',
    figure: { name: 'max_area', value: 0.95, min: 0, max: 1, says: 'Huge above this share of the picture' },
    allowed: 0.05,
    rule: (high) => ({ rule: 'area', low: -1, high }),
    condition: (high) => `${covering} and area > ${numberText(high)}`,
    are: 'cover nearly the whole picture',
    what: (value) => `Covers ${showNumber(value)} of the picture`,
    hint: 'A class of the whole picture says the same more plainly.',
  },
]

/** Kinds about where labels lie and what shape they have. */
export function createGeometryKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    ...rules.map((given) =>
      defineCheck({
        name: given.name,
        title: given.title,
        group: 'labels',
        about: given.about,
        severity: given.severity,
        needs: [],
        parameters: z.object({
          layer: layerName,
          ...(given.figure === null
            ? {}
            : {
                [given.figure.name]: z
                  .number()
                  .min(given.figure.min)
                  .max(given.figure.max)
                  .default(given.figure.value)
                  .describe(given.figure.says),
              }),
          max_share: maxShare(given.allowed),
        }),
        async look({ dataset, scope }, parameters) {
          const { layer, max_share } = parameters
          const figure = given.figure === null ? 0 : Number((parameters as Record<string, unknown>)[given.figure.name])
          const shown = given.condition === null ? namedSamples : shownFindings
          const faults = await catalog.labelFaults(dataset, { scope }, layer, given.rule(figure), shown)
          return judgeShare({
            unit: 'labels',
            looked: faults.looked,
            found: faults.found,
            allowed: max_share,
            are: given.are,
            nothing: `No label of ${layer} has a place.`,
            ...(given.condition === null
              ? nameSamples(
                  faults.worst.map(({ sample }) => [sample]),
                  faults.found,
                )
              : { query: joinQuery(scope, labelsTerm(layer, given.condition(figure))) }),
            findings: faults.worst.slice(0, shownFindings).map((one) => findLabel(one, given.what(one.value))),
            hint: given.hint,
          })
        },
      }),
    ),
    defineCheck({
      name: 'label-duplicates',
      title: 'Boxes drawn twice',
      group: 'labels',
      about:
        'Boxes that overlap an earlier one of the same class and picture with an IoU of at least 0.95. The rule is our own.',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        layer: layerName,
        iou: z
          .number()
          .gt(0)
          .max(1)
          .default(0.95)
          .describe('Least intersection over union of two boxes that count as one'),
        max_share: maxShare(0),
      }),
      async look({ dataset, scope }, { layer, iou, max_share }) {
        const faults = await catalog.doubledBoxes(dataset, { scope }, layer, iou, namedSamples)
        return judgeShare({
          unit: 'labels',
          looked: faults.looked,
          found: faults.found,
          allowed: max_share,
          are: 'lie on another of the same class',
          nothing: `No box in ${layer}.`,
          ...nameSamples(
            faults.worst.map(({ sample }) => [sample]),
            faults.found,
          ),
          findings: faults.worst
            .slice(0, shownFindings)
            .map((one, i) => findLabel(one, `IoU ${showNumber(one.value)} with l_${faults.others[i]}`)),
          hint: 'Delete one of each two.',
        })
      },
    }),
    defineCheck({
      name: 'polygon-crossing',
      title: 'Polygons that cross themselves',
      group: 'labels',
      about:
        'Polygons with a ring of fewer than three points, or two sides of a ring that cross (OGC Simple Features: not simple).',
      severity: 'warn',
      needs: [],
      parameters: z.object({ layer: layerName, max_share: maxShare(0) }),
      async look({ dataset, scope, signal }, { layer, max_share }) {
        const crossing: FaultyLabel[] = []
        let looked = 0
        for await (const { id, sample, path, geometry } of catalog.polygons(dataset, { scope }, layer)) {
          if (looked++ % 1_000 === 0) throwIfAborted(signal)
          if (geometry.type !== 'polygon') continue
          const rings = geometry.parts.flat().filter(crossesItself).length
          if (rings > 0) crossing.push({ id, sample, path, value: rings })
        }
        return judgeShare({
          unit: 'labels',
          looked,
          found: crossing.length,
          allowed: max_share,
          are: 'cross themselves',
          nothing: `No polygon in ${layer}.`,
          ...nameSamples(
            crossing.map(({ sample }) => [sample]),
            crossing.length,
          ),
          findings: crossing
            .slice(0, shownFindings)
            .map((one) => findLabel(one, `${one.value === 1 ? 'A ring' : `${one.value} rings`} of it crosses itself`)),
          hint: 'Their surface is not defined: draw them again, or turn them into masks.',
        })
      },
    }),
  ]
}
