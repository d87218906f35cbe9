import type { Report } from '#contract'
import { parseSampleId } from '#base'
import type { Catalog } from '#catalog'
import type { ReportDeps } from '../reports/types.ts'
import type { ReportStore } from './store.ts'

/** Longest side of a thumbnail, px. */
const sidePx = 256

/** What the writers of reports need beside a report: the history, pictures, labels as they are now. */
export async function gatherDeps(
  deps: { catalog: Catalog; store: ReportStore; thumbnail: (sample: string, dataset: string) => Promise<Uint8Array> },
  report: Report,
): Promise<ReportDeps> {
  const { catalog } = deps
  const all = await deps.store.list()
  const at = all.findIndex((other) => other.id === report.id)
  const earlier = all
    .slice(at + 1)
    .filter((other) => other.suite === report.suite && other.dataset === report.dataset)
    .toReversed()
  // The dataset may be gone by now; its reports are not.
  const dataset = await catalog.resolveDataset(report.dataset).catch(() => undefined)
  return {
    earlier,
    async thumbnail(sample) {
      if (dataset === undefined) return undefined
      try {
        const selection = { ids: [parseSampleId(sample)] }
        const [row] = await catalog.page(dataset, { selection, fields: [], limit: 1, offset: 0 })
        if (row === undefined) return undefined
        const scale = Math.min(1, sidePx / Math.max(row.width, row.height))
        const [width, height] = [row.width, row.height].map((side) => Math.max(1, Math.round(side * scale)))
        return {
          bytes: await deps.thumbnail(sample, report.dataset),
          mediaType: 'image/jpeg',
          width: width!,
          height: height!,
        }
      } catch {
        return undefined
      }
    },
    async labelsOf(samples) {
      if (dataset === undefined) return []
      return catalog.labelsOf(dataset, samples.map(parseSampleId), undefined)
    },
    async classColours() {
      if (dataset === undefined) return new Map()
      return new Map((await catalog.classesOf(dataset)).map(({ name, color }) => [name, color]))
    },
  }
}
