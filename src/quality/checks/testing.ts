import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Label, MediaFacts, Scalar } from '#contract'
import { createFixedClock, type Clock } from '#base'
import { openCatalog, type Catalog, type DatasetRef } from '#catalog'
import { facts as ordinaryFacts } from '../testing.ts'
import type { CheckKind, Looked } from '../types.ts'
import { createCheckKinds } from './all.ts'
import type { LooksPort } from './deps.ts'

/** One sample of a test; what is left out is that of an ordinary picture, and everything about it is its own. */
export interface Given {
  split?: string | null
  facts?: Partial<MediaFacts>
  labels?: Label[]
  fields?: Record<string, Scalar>
  tags?: string[]
  source?: string
}

export interface CheckBench {
  catalog: Catalog
  /** The dataset in work. */
  dataset: DatasetRef
  kinds: CheckKind[]
  /** Goes on with a dataset that is new and empty. */
  begin(): Promise<void>
  /** Answers the ids. */
  add(samples: readonly Given[], operation?: string): Promise<number[]>
  look(
    name: string,
    parameters?: Record<string, unknown>,
    options?: { scope?: string; against?: string; clock?: Clock },
  ): Promise<Looked>
  close(): Promise<void>
}

const ordinary: MediaFacts = {
  ...ordinaryFacts,
  bytes: 50_000,
  md5: '',
  phash: '',
  width: 640,
  height: 480,
  aspect: 640 / 480,
}

/** A real catalogue in a folder of its own, and the kinds of checks over it. */
export async function openBench(looks?: LooksPort): Promise<CheckBench> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-checks-'))
  const catalog = await openCatalog({
    file: join(folder, 'catalog.duckdb'),
    clock: createFixedClock(undefined, 1_000),
    memoryLimitMb: 500,
    threads: 2,
  })
  const kinds = createCheckKinds({ catalog: catalog.quality, looks })
  let made = 0
  let begun = 0
  const bench: CheckBench = {
    catalog,
    dataset: { id: 0, name: '' },
    kinds,
    async begin() {
      bench.dataset = await catalog.ensureDataset(`tiles ${++begun}`, 'test')
    },
    async add(samples, operation = 'dataset.import') {
      const change = catalog.openChange({ actor: 'test', operation, dataset: bench.dataset })
      const ids = await change.step((step) =>
        step.addSamples(
          samples.map(({ split = null, facts, tags = [], fields = {}, source }) => {
            const n = ++made
            const hash = n.toString(16).padStart(16, '0')
            const size = { width: facts?.width ?? ordinary.width, height: facts?.height ?? ordinary.height }
            return {
              path: `a/${n}.jpg`,
              source: source ?? `/data/a/${n}.jpg`,
              split,
              facts: {
                ...ordinary,
                aspect: size.width / size.height,
                md5: `${hash}${hash}`,
                phash: hash,
                ...facts,
              },
              tags,
              fields: {},
              modifiedMs: n,
              digest: `d${n}`,
              ...(Object.keys(fields).length > 0 ? { fields } : {}),
            }
          }),
          'truth',
        ),
      )
      const labelled = samples.flatMap(({ labels }, i) =>
        labels === undefined ? [] : [{ id: ids[i]!, labels, digest: `l${i}` }],
      )
      if (labelled.length > 0) await change.step((step) => step.replaceLabels('truth', labelled))
      await change.close(`Added ${ids.length} samples`)
      return ids
    },
    look(name, parameters = {}, { scope = '', against, clock = createFixedClock() } = {}) {
      const kind = kinds.find((one) => one.name === name)
      if (kind === undefined) throw new Error(`There is no kind ${name}.`)
      return kind.look(
        {
          dataset: bench.dataset,
          scope,
          reference: against === undefined ? undefined : { dataset: bench.dataset, query: against },
          signal: new AbortController().signal,
          clock,
        },
        kind.parameters.parse(parameters),
      )
    },
    async close() {
      await catalog.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await bench.begin()
  return bench
}

/** So many samples, each made by a function of its number. */
export function times(count: number, make: (n: number) => Given = () => ({})): Given[] {
  return Array.from({ length: count }, (_, n) => make(n))
}

export function box(className: string, x = 10, y = 10, w = 50, h = 40): Label {
  return {
    kind: 'box',
    class: className,
    box: { x, y, w, h },
    geometry: null,
    area: w * h,
    score: null,
    attributes: {},
    author: null,
  }
}

export function classLabel(className: string): Label {
  return { ...box(className), kind: 'class', box: null, area: null }
}

/** The closed outline of flat coordinates. */
export function polygon(className: string, ...ring: number[]): Label {
  const xs = ring.filter((_, i) => i % 2 === 0)
  const ys = ring.filter((_, i) => i % 2 === 1)
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  const bounds = { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y }
  return {
    ...box(className),
    kind: 'polygon',
    box: bounds,
    geometry: { type: 'polygon', parts: [[ring]] },
    area: bounds.w * bounds.h,
  }
}
