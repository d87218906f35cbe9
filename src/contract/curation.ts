import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetRef, queryText, selectionErrors } from './shared.ts'
import { neighbourPair, spaceRef } from './spaces.ts'

/** How two samples are found to show the same picture. */
const sameness = {
  by: z
    .enum(['auto', 'hash', 'pixels', 'embedding'])
    .default('auto')
    .describe(
      'auto: equal files, then small grey pictures that correlate; hash: equal files and equal perceptual hashes',
    ),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Least correlation (pixels, default 0.97) or cosine (embedding, default 0.95)'),
  space: spaceRef.describe('embedding: the space to compare in'),
}

export const findDuplicates = operation({
  id: 'curation.duplicates',
  summary: 'Group the samples that show the same scene; written as the field duplicate_group',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    ...sameness,
    save: z.boolean().default(true).describe('Write the field'),
  }),
  output: z.object({
    by: z.enum(['auto', 'hash', 'pixels', 'embedding']),
    threshold: z.number(),
    samples: z.number().int().describe('Samples compared'),
    pairs: z.number().int(),
    grouped: z.number().int().describe('Samples in a group'),
    mixedGroups: z.number().int().describe('Groups whose samples have different classes: wrong labels or wrong groups'),
    groups: z.array(
      z.object({
        group: z.string(),
        keep: z.string().describe('The sample most like the others'),
        samples: z.array(z.object({ sample: z.string(), path: z.string(), score: z.number() })),
        by: z.array(z.enum(['hash', 'pixels', 'embedding'])),
      }),
    ),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'FIELD_TYPE', 'FIELD_READ_ONLY'],
})

export const findOutliers = operation({
  id: 'curation.outliers',
  summary: 'Find the samples that lie far from all others; written as outlier_score and outlier',
  effect: 'write',
  long: true,
  input: z.object({ dataset: datasetRef, space: spaceRef, limit: z.number().int().min(1).max(10_000).default(20) }),
  output: z.object({
    space: z.string(),
    threshold: z.number().describe('Mean distance to 10 neighbours beyond which a sample is an outlier (Q3 + 1.7 IQR)'),
    count: z.number().int(),
    outliers: z.array(z.object({ sample: z.string(), path: z.string(), score: z.number() })).describe('Farthest first'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'FIELD_TYPE'],
})

export const scoreSamples = operation({
  id: 'curation.score',
  summary: 'Write uniqueness and representativeness of every sample, and hardness where a layer has predictions',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    space: spaceRef,
    seed: z.number().int().min(0).default(0),
    predictions: z.string().min(1).optional().describe('Layer with class labels that have scores, for hardness'),
  }),
  output: z.object({
    space: z.string(),
    fields: z.array(z.string()),
    samples: z.number().int(),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND', 'FIELD_TYPE'],
})

export const selectSamples = operation({
  id: 'curation.select',
  summary: 'Choose the samples that are worth labelling or keeping within a budget',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Choose among these'),
    budget: z.number().int().min(1).max(1_000_000),
    strategy: z.enum(['coverage', 'diverse', 'uncertainty', 'hard']).default('coverage'),
    space: spaceRef,
    predictions: z.string().min(1).optional().describe('Layer with scored class labels, for uncertainty and hard'),
    seed: z.number().int().min(0).default(0),
    tag: z.string().min(1).max(200).optional().describe('Put this tag on the chosen'),
  }),
  output: z.object({
    strategy: z.string(),
    chosen: z.array(z.object({ sample: z.string(), path: z.string() })).describe('In the order of choice'),
    coverage: z
      .number()
      .nullable()
      .describe('coverage and diverse: share of the samples with a chosen one within the usual distance of neighbours'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'LAYER_NOT_FOUND'],
})

export const autotagSamples = operation({
  id: 'curation.autotag',
  summary:
    'Tag samples with the classes a network sees in them, as auto/NAME; run again, it brings the tags up to date',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    space: spaceRef.describe('Space of a model that tells classes; the main one when left out'),
    min: z.number().min(0).max(1).default(0.3).describe('Least probability of a tag'),
    top: z.number().int().min(1).max(16).default(3).describe('At most so many tags a sample'),
    remove: z.boolean().default(false).describe('Take all auto-tags off instead'),
  }),
  output: z.object({
    space: z.string().nullable().describe('Null when they were taken off'),
    samples: z.number().int().describe('Samples looked at'),
    tagged: z.number().int().describe('Samples with an auto-tag now; autotag_score is the probability of the first'),
    added: z.number().int().describe('Tags put on, one for each sample that got it'),
    removed: z.number().int().describe('Tags taken off'),
    tags: z.array(z.object({ tag: z.string(), samples: z.number().int() })).describe('Most frequent first'),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'MODEL_NOT_FOUND', 'MODEL_INVALID', 'FIELD_TYPE'],
})

export const explainQuery = operation({
  id: 'query.explain',
  summary: 'Describe a selection by the shortest query over fields, classes, tags and clusters',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    samples: z.array(z.string()).max(1_000_000).optional().describe('The selection as ids, in place of a query'),
    limit: z.number().int().min(1).max(20).default(5),
  }),
  output: z.object({
    selected: z.number().int(),
    of: z.number().int(),
    explanations: z.array(
      z.object({
        query: z.string(),
        precision: z.number().describe('Share of what it matches that is selected'),
        recall: z.number().describe('Share of the selected that it matches'),
        count: z.number().int(),
      }),
    ),
  }),
  errors: selectionErrors,
})

const ratios = z.string().regex(/^[^=,\s]+=[0-9.]+(,[^=,\s]+=[0-9.]+)+$/, 'Expected like train=.8,val=.1,test=.1')

export const assignSplit = operation({
  id: 'split.assign',
  summary: 'Split a dataset so that nothing leaks: groups of the same scene stay together',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText.describe('Only these samples'),
    ratios: ratios.default('train=.8,val=.1,test=.1'),
    stratify: z
      .string()
      .default('class')
      .describe('class, none, or a field whose values every split gets its share of'),
    group: z.string().default('duplicates').describe('duplicates, none, or a field whose equal values stay together'),
    seed: z.number().int().min(0).default(0),
  }),
  output: z.object({
    splits: z.array(
      z.object({
        name: z.string(),
        wanted: z.number(),
        share: z.number(),
        count: z.number().int(),
        groups: z.number().int(),
        strata: z.record(z.string(), z.number().int()),
      }),
    ),
    groups: z.number().int().describe('Groups of two and more samples'),
    notes: z.array(z.string()),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'FIELD_NOT_FOUND'],
})

export const findLeaks = operation({
  id: 'split.leaks',
  summary: 'List pairs of samples that show the same scene in different splits',
  effect: 'read',
  long: true,
  input: z.object({ dataset: datasetRef, ...sameness, limit: z.number().int().min(1).max(100_000).default(100) }),
  output: z.object({
    by: z.enum(['auto', 'hash', 'pixels', 'embedding']),
    threshold: z.number(),
    count: z.number().int(),
    between: z.array(z.object({ a: z.string(), b: z.string(), pairs: z.number().int() })),
    pairs: z.array(neighbourPair.extend({ splitA: z.string(), splitB: z.string() })).describe('Most alike first'),
  }),
  errors: selectionErrors,
})
