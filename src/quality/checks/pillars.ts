import { z } from 'zod'
import type { CheckKind } from '../types.ts'
import { defineCheck } from './define.ts'
import type { CheckDeps } from './deps.ts'
import {
  findPair,
  findSample,
  findWhole,
  judgeFigure,
  judgeShare,
  maxShare,
  nameSamples,
  namedSamples,
  sawNothing,
  showCount,
  showNumber,
  shownFindings,
} from './looked.ts'

const dayMs = 24 * 60 * 60 * 1000
const hourMs = 60 * 60 * 1000

/** Codes of problems that say that a file could not be read. */
const unreadable = [
  'image-unreadable',
  'image-truncated',
  'image-too-large',
  'image-missing',
  'image-empty',
  'image-unsupported',
]
/** Operations that bring samples from a source. */
const imports = ['dataset.import']

/** The pillars of data observability that are about data coming in: freshness, volume, lineage; and media that cannot be read. */
export function createPillarKinds({ catalog }: CheckDeps): CheckKind[] {
  return [
    defineCheck({
      name: 'freshness',
      title: 'Fresh data',
      group: 'pillars',
      about: 'Age of the newest sample (the pillar freshness of data observability); 30 days is our own choice.',
      severity: 'warn',
      needs: [],
      parameters: z.object({
        field: z.string().min(1).default('created_at').describe('Field of dates: created_at, captured_at or your own'),
        max_days: z.number().positive().default(30).describe('Greatest age of the newest, days'),
      }),
      async look({ dataset, scope, clock }, { field, max_days }) {
        const { count, newestMs, id, path } = await catalog.newest(dataset, { scope }, field)
        if (newestMs === null || id === null) return sawNothing('samples', `No sample has a ${field}.`)
        const days = Math.max(0, (clock.now() - newestMs) / dayMs)
        const at = new Date(newestMs).toISOString()
        return judgeFigure({
          unit: 'samples',
          looked: count,
          found: days > max_days ? count : 0,
          value: days,
          allowed: max_days,
          message: `The newest of ${showCount(count, 'samples')} is ${showNumber(days)} days old (${field} ${at}).`,
          ...(days > max_days ? nameSamples([[id]], 1) : { query: null }),
          findings: days > max_days ? [findSample({ id, path: path ?? '', value: days }, `The newest, of ${at}`)] : [],
          hint: 'Import what came since, or look why nothing comes.',
        })
      },
    }),
    defineCheck({
      name: 'volume',
      title: 'Enough data',
      group: 'pillars',
      about:
        'Number of samples and their bytes within bounds, and against the reference where there is one (the pillar volume of data observability).',
      severity: 'fail',
      needs: [],
      parameters: z.object({
        min_samples: z.number().int().min(0).default(1).describe('Fewest samples'),
        max_samples: z.number().int().min(0).optional().describe('Most samples'),
        min_bytes: z.number().min(0).optional().describe('Fewest bytes of all files together'),
        max_bytes: z.number().min(0).optional().describe('Most bytes of all files together'),
        min_ratio: z.number().min(0).default(0.5).describe('Fewest samples as a part of those of the reference'),
        max_ratio: z.number().min(0).optional().describe('Most samples as a multiple of those of the reference'),
      }),
      async look({ dataset, scope, reference }, limits) {
        const sizeOf = async (of: typeof dataset, query: string) => {
          const samples = await catalog.count(of, { scope: query })
          const [bytes] = await catalog.summarise(of, { scope: query }, ['bytes'])
          return { samples, bytes: (bytes!.mean ?? 0) * bytes!.count }
        }
        const { samples, bytes } = await sizeOf(dataset, scope)
        const against = reference === undefined ? undefined : await sizeOf(reference.dataset, reference.query)
        // No data at all is nothing to look at, unless some was asked for by number.
        if (samples === 0 && limits.min_samples <= 1) return sawNothing('bounds', 'There is no sample to count.')
        const { min_samples, max_samples, min_bytes, max_bytes } = limits
        const bounds = [min_samples, max_samples, min_bytes, max_bytes].filter((one) => one !== undefined).length
        const complaints = [
          samples < limits.min_samples ? `${samples} samples are fewer than ${limits.min_samples}` : null,
          samples > (limits.max_samples ?? Infinity) ? `${samples} samples are more than ${limits.max_samples}` : null,
          bytes < (limits.min_bytes ?? 0) ? `${Math.round(bytes)} bytes are fewer than ${limits.min_bytes}` : null,
          bytes > (limits.max_bytes ?? Infinity)
            ? `${Math.round(bytes)} bytes are more than ${limits.max_bytes}`
            : null,
          against !== undefined && samples < against.samples * limits.min_ratio
            ? `${samples} samples are fewer than ${limits.min_ratio} of the ${against.samples} of the reference`
            : null,
          against !== undefined && samples > against.samples * (limits.max_ratio ?? Infinity)
            ? `${samples} samples are more than ${limits.max_ratio} times the ${against.samples} of the reference`
            : null,
        ].filter((one) => one !== null)
        return {
          // Too few is a finding even when there is none.
          unit: 'bounds',
          looked: bounds + (against === undefined ? 0 : limits.max_ratio === undefined ? 1 : 2),
          found: complaints.length,
          value: samples,
          bound:
            limits.max_samples === undefined
              ? `≥ ${limits.min_samples}`
              : `${limits.min_samples} … ${limits.max_samples}`,
          broken: complaints.length > 0,
          message:
            complaints.length > 0
              ? `${complaints.join('; ')}.`
              : `${showCount(samples, 'samples')} of ${Math.round(bytes)} bytes${against === undefined ? '' : `, ${against.samples} in the reference`}.`,
          query: null,
          findings: complaints.map((what) => findWhole(what, samples)),
          hint: complaints.length > 0 ? 'Look whether a part of the import is missing or came twice.' : undefined,
        }
      },
    }),
    defineCheck({
      name: 'lineage',
      title: 'Known origin',
      group: 'pillars',
      about:
        'Every sample names its source file and was brought by an import that the history knows (the pillar lineage of data observability).',
      severity: 'fail',
      needs: [],
      parameters: z.object({
        operations: z
          .array(z.string().min(1))
          .min(1)
          .default(imports)
          .describe('Operations that count as a known origin'),
        max_share: maxShare(0),
      }),
      async look({ dataset, scope }, { operations, max_share }) {
        const { looked, found, worst } = await catalog.unknownOrigins(dataset, { scope }, operations, namedSamples)
        return judgeShare({
          unit: 'samples',
          looked,
          found,
          allowed: max_share,
          are: 'come from nowhere known',
          nothing: 'There is no sample to look at.',
          ...nameSamples(
            worst.map(({ id }) => [id]),
            found,
          ),
          findings: worst
            .slice(0, shownFindings)
            .map(({ id, path, source, operation }) =>
              findSample(
                { id, path, value: null },
                source === null || source === ''
                  ? 'Its source is not known'
                  : operation === null
                    ? 'The history does not know the change that brought it'
                    : `It was brought by ${operation}`,
              ),
            ),
          hint: 'Import from the source again, so that the history tells where each came from.',
        })
      },
    }),
    defineCheck({
      name: 'unreadable',
      title: 'Files that cannot be read',
      group: 'pillars',
      about:
        'Files that import could not read as pictures: broken, cut off, too large or gone. They are no samples, so this looks at the dataset as a whole whatever the scope.',
      severity: 'fail',
      needs: [],
      parameters: z.object({
        codes: z.array(z.string().min(1)).min(1).default(unreadable).describe('Codes of problems that count'),
        max_share: maxShare(0),
      }),
      async look({ dataset }, { codes, max_share }) {
        const { files, found, problems } = await catalog.problemFiles(dataset, codes, shownFindings)
        return judgeShare({
          unit: 'files',
          looked: files,
          found,
          allowed: max_share,
          are: 'could not be read',
          nothing: 'No file was imported.',
          query: null,
          findings: problems.map(({ file, what }) => ({ ...findWhole(what, null), path: file })),
          hint: 'See fovea problems: repair or remove the files, and import again.',
        })
      },
    }),
    defineCheck({
      name: 'time-gaps',
      title: 'Gaps in time',
      group: 'pillars',
      about:
        'Stretches without a picture that are longer than 50 times the median stretch and than an hour. The rule is our own.',
      severity: 'info',
      needs: [],
      parameters: z.object({
        field: z.string().min(1).default('captured_at').describe('Field of dates'),
        medians: z.number().positive().default(50).describe('A gap is longer than so many median stretches'),
        min_hours: z.number().min(0).default(1).describe('A gap is longer than so many hours'),
        max_found: z.number().int().min(0).default(0).describe('Greatest number of gaps'),
      }),
      async look({ dataset, scope }, { field, medians, min_hours, max_found }) {
        const longerThan = { medians, ms: min_hours * hourMs }
        const seen = await catalog.gaps(dataset, { scope }, field, longerThan, shownFindings)
        if (seen.medianMs === null) return sawNothing('gaps', `No two samples have a different ${field}.`)
        return judgeFigure({
          unit: 'gaps',
          looked: seen.looked,
          found: seen.found,
          value: seen.found,
          allowed: max_found,
          message: `${seen.found === 0 ? 'No gap' : showCount(seen.found, 'gaps')} in ${field} longer than ${showHours(Math.max(longerThan.ms, seen.medianMs * medians))}; the median stretch is ${showHours(seen.medianMs)}.`,
          ...nameSamples(
            seen.gaps.map(({ otherId, id }) => [otherId, id]),
            seen.found,
          ),
          findings: seen.gaps.map((gap) =>
            findPair(
              gap,
              (gap.toMs - gap.fromMs) / hourMs,
              `Nothing for ${showHours(gap.toMs - gap.fromMs)} before ${new Date(gap.toMs).toISOString()}`,
            ),
          ),
          hint: 'Look whether a camera stood still or a part of the import is missing.',
        })
      },
    }),
  ]
}

function showHours(ms: number): string {
  const hours = ms / hourMs
  if (hours >= 48) return `${showNumber(hours / 24)} days`
  return hours >= 1 ? `${showNumber(hours)} hours` : `${showNumber(ms / 1000)} seconds`
}
