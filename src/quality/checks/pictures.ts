import { z } from 'zod'
import type { DatasetRef, MeasuredSample } from '#catalog'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import { findSample, joinQuery, judgeShare, layerName, maxShare, showNumber, shownFindings } from './looked.ts'
import { drawHistogram } from './plots.ts'

interface PictureRule {
  name: string
  title: string
  about: string
  /** Field that tells how bad it is. */
  field: string
  /** Whether high values are the bad ones. */
  descending: boolean
  threshold: number
  thresholdSays: string
  /** Condition of the query language for a threshold. */
  condition(threshold: number): string
  /** Bounds on `field`, for the plot. */
  marks(threshold: number): number[]
  are: string
  hint: string
}

const rules: readonly PictureRule[] = [
  {
    name: 'dark',
    title: 'Dark pictures',
    about:
      'Pictures whose 99th percentile of perceived brightness √(.241R²+.691G²+.068B²) is below 0.32 (cleanvision).',
    field: 'brightness_p99',
    descending: false,
    threshold: 0.32,
    thresholdSays: 'Dark below this 99th percentile of brightness, 0 to 1',
    condition: (threshold) => `brightness_p99 < ${threshold}`,
    marks: (threshold) => [threshold],
    are: 'are dark',
    hint: 'Look whether exposure or lighting failed; take such pictures again or leave them out.',
  },
  {
    name: 'light',
    title: 'Overexposed pictures',
    about: 'Pictures whose 5th percentile of perceived brightness is above 1 − 0.05 (cleanvision).',
    field: 'brightness_p5',
    descending: true,
    threshold: 0.05,
    thresholdSays: 'Light when the 5th percentile of brightness is above 1 minus this',
    condition: (threshold) => `brightness_p5 > ${1 - threshold}`,
    marks: (threshold) => [1 - threshold],
    are: 'are overexposed',
    hint: 'Look whether exposure or lighting failed; take such pictures again or leave them out.',
  },
  {
    name: 'odd-aspect',
    title: 'Unusual aspect ratios',
    about: 'Pictures whose shorter side is less than 0.35 of the longer one (cleanvision).',
    field: 'aspect',
    descending: false,
    threshold: 0.35,
    thresholdSays: 'Odd below this ratio of the shorter to the longer side, 0 to 1',
    condition: (threshold) => `aspect < ${threshold} or aspect > ${1 / threshold}`,
    marks: (threshold) => [threshold, 1 / threshold],
    are: 'have an unusual aspect ratio',
    hint: 'Strips distort when networks resize them to squares: crop, pad or leave them out.',
  },
  {
    name: 'low-information',
    title: 'Pictures with little information',
    about:
      'Pictures with 0.1 · entropy (bits) below 0.3 (cleanvision). It takes the entropy over the histograms of all channels together, which is log2(3) bits more than that of one of three; `entropy` holds that of the grey histogram, so pictures in colour are held against 3 − log2(3) bits.',
    field: 'entropy',
    descending: false,
    threshold: 0.3,
    thresholdSays: 'Little below this tenth of the entropy in bits, 0 to 0.8',
    condition(threshold) {
      const [colour, grey] = entropyBounds(threshold)
      return `(mode = "gray" and entropy < ${grey}) or (mode != "gray" and entropy < ${colour})`
    },
    marks: entropyBounds,
    are: 'hold little information',
    hint: 'Look whether they are blank, cut off or placeholders.',
  },
  {
    name: 'blurry',
    title: 'Blurry pictures',
    about:
      'Pictures with a blurriness score below 0.29: spread of edges and of the histogram at 64 px (cleanvision); `blur_score` holds it.',
    field: 'blur_score',
    descending: false,
    threshold: 0.29,
    thresholdSays: 'Blurry below this score',
    condition: (threshold) => `blur_score < ${threshold}`,
    marks: (threshold) => [threshold],
    are: 'are blurry',
    hint: 'Look at focus and motion; take such pictures again or leave them out.',
  },
]

/** Bounds on the entropy of the grey histogram, for pictures in colour and for grey ones. */
function entropyBounds(threshold: number): [number, number] {
  const grey = Number((threshold * 10).toFixed(4))
  return [Number(Math.max(0, grey - Math.log2(3)).toFixed(4)), grey]
}

/** Kinds that hold one measure of a picture against a threshold. */
export function createPictureKinds({ catalog }: CheckDeps): CheckKind[] {
  return rules.map((rule) =>
    defineCheck({
      name: rule.name,
      title: rule.title,
      group: 'pictures',
      about: rule.about,
      severity: 'warn',
      needs: [],
      parameters: z.object({
        threshold: z.number().positive().max(1).default(rule.threshold).describe(rule.thresholdSays),
        max_share: maxShare(0),
      }),
      async look({ dataset, scope }, { threshold, max_share }) {
        const { field, descending } = rule
        const condition = rule.condition(threshold)
        const measured = { scope, where: `${field} exists` }
        const looked = await catalog.count(dataset, measured)
        const found = await catalog.count(dataset, { scope, where: condition })
        const marks = rule.marks(threshold)
        const worst = found === 0 ? [] : await findWorst(dataset, scope, condition, rule, marks)
        return judgeShare({
          unit: 'samples',
          looked,
          found,
          allowed: max_share,
          are: rule.are,
          nothing: `No sample has a ${field} to look at.`,
          query: joinQuery(scope, condition, `${field} ${descending ? 'desc' : 'asc'}`),
          findings: worst.map((one) => findSample(one, `${field} is ${showNumber(one.value ?? 0)}`)),
          plot:
            looked === 0
              ? undefined
              : await drawHistogram(catalog, dataset, measured, field, {
                  marks: marks.map((at) => ({ at, label: showNumber(at) })),
                }),
          hint: rule.hint,
        })
      },
    }),
  )

  /** Of shapes, what lies farthest out of either bound comes first. */
  async function findWorst(
    dataset: DatasetRef,
    scope: string,
    where: string,
    { field, descending }: PictureRule,
    [low, high]: readonly number[],
  ): Promise<MeasuredSample[]> {
    if (low === undefined || high === undefined || field !== 'aspect')
      return catalog.pick(dataset, { scope, where }, { measure: field, descending }, shownFindings)
    return (await catalog.outside(dataset, { scope, where }, [{ measure: field, low, high }], shownFindings)).worst
  }
}

/** Grey pictures among coloured ones, and pictures whose file asks to be turned. */
export function createModeKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'grayscale',
      title: 'Grey pictures among coloured ones',
      group: 'pictures',
      about:
        'Pictures without any colour where others have colour (cleanvision calls every picture of one channel grayscale). A dataset that is grey throughout passes.',
      severity: 'warn',
      needs: [],
      parameters: z.object({ max_share: maxShare(0) }),
      async look({ dataset, scope }, { max_share }) {
        const looked = await catalog.count(dataset, { scope, where: 'grayscale exists' })
        const grey = await catalog.count(dataset, { scope, where: 'grayscale = true' })
        const found = grey === looked ? 0 : grey
        const worst =
          found === 0 ? [] : await catalog.pick(dataset, { scope, where: 'grayscale = true' }, undefined, shownFindings)
        return judgeShare({
          unit: 'samples',
          looked,
          found,
          allowed: max_share,
          are: 'are grey among coloured ones',
          nothing: 'No sample says whether it has colour.',
          query: joinQuery(scope, 'grayscale = true'),
          findings: worst.map((one) => findSample(one, 'No pixel has colour')),
          hint: 'Look whether a camera or a conversion dropped the colour, or train on grey throughout.',
        })
      },
    }),
    defineCheck({
      name: 'exif-orientation',
      title: 'Pictures turned by EXIF',
      group: 'pictures',
      about:
        'Pictures whose file asks viewers to turn it (EXIF orientation 2 to 8). Training code that ignores the tag sees them turned, and labels drawn on turned pixels do not fit. The rule is our own.',
      severity: 'warn',
      needs: [],
      parameters: z.object({ layer: layerName, max_share: maxShare(0) }),
      async look({ dataset, scope }, { layer, max_share }) {
        const condition = '`exif.orientation` > 1'
        const looked = await catalog.count(dataset, { scope })
        const found = await catalog.count(dataset, { scope, where: condition })
        const unfit =
          found === 0
            ? undefined
            : await catalog.labelFaults(
                dataset,
                { scope, where: '`exif.orientation` >= 5' },
                layer,
                { rule: 'outside', tolerancePx: 1 },
                shownFindings,
              )
        const misfits = new Map(unfit?.worst.map((label) => [label.sample, label]))
        const turned =
          found === 0
            ? []
            : await catalog.pick(
                dataset,
                { scope, where: condition },
                { measure: 'exif.orientation', descending: true },
                shownFindings,
              )
        const findings = [
          ...[...misfits.values()].map(({ sample, path, value }) =>
            findSample({ id: sample, path, value }, 'Labels lie outside the upright picture: drawn on the turned one'),
          ),
          ...turned.filter(({ id }) => !misfits.has(id)).map((one) => findSample(one, `EXIF orientation ${one.value}`)),
        ].slice(0, shownFindings)
        return judgeShare({
          unit: 'samples',
          looked,
          found,
          allowed: max_share,
          are: `ask to be turned by EXIF${unfit !== undefined && unfit.samples > 0 ? `, ${unfit.samples} of them with labels that only fit the unturned picture` : ''}`,
          nothing: 'There is no sample to look at.',
          query: joinQuery(scope, condition),
          findings,
          hint: 'Write the pictures out upright and drop the tag, so that all tools see the same pixels.',
        })
      },
    }),
  ]
}
