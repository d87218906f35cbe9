import type { Report } from '#contract'
import type { ReportDeps, SampleLabels, Thumbnail } from './types.ts'
import { sortWorstFirst } from './words.ts'

const mostThumbnails = 300
const mostSidePx = 256
/** A JPEG of 256 × 256 px takes 5 to 30 kB; what is far above is none. */
const mostBytesEach = 150_000
const mostBytes = 12_000_000
const labelsAtOnce = 1_000
const mediaTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/webp', 'image/png'])

/** Pictures and labels of the samples that checks object to. */
export interface Evidence {
  pictures: ReadonlyMap<string, Thumbnail>
  labels: ReadonlyMap<string, SampleLabels>
  /** `#rrggbb` of the classes of the ontology. */
  colours: ReadonlyMap<string, string>
}

/**
 * Fetches small pictures of what the checks found, those of the worst checks first, and their labels. At most 300 pictures and 12 MB
 * in all, so that the file opens anywhere; a sample that several checks object to counts once.
 */
export async function gatherEvidence(report: Report, deps: ReportDeps): Promise<Evidence> {
  const wanted = new Set<string>()
  for (const { findings } of sortWorstFirst(report.checks).filter(({ outcome }) => outcome !== 'pass'))
    for (const { sample, other } of findings.slice(0, 24))
      for (const id of [sample, other?.sample]) if (id != null && wanted.size < mostThumbnails) wanted.add(id)
  const pictures = new Map<string, Thumbnail>()
  let bytes = 0
  for (const sample of wanted) {
    const picture = await deps.thumbnail(sample)
    if (picture === undefined || !isShowable(picture) || bytes + picture.bytes.length > mostBytes) continue
    bytes += picture.bytes.length
    pictures.set(sample, picture)
  }
  const samples = [...pictures.keys()]
  const labels = new Map<string, SampleLabels>()
  for (let at = 0; at < samples.length; at += labelsAtOnce)
    for (const of of await deps.labelsOf(samples.slice(at, at + labelsAtOnce))) labels.set(of.sample, of)
  return { pictures, labels, colours: await deps.classColours() }
}

function isShowable({ bytes, mediaType, width, height }: Thumbnail): boolean {
  return (
    mediaTypes.has(mediaType) &&
    bytes.length > 0 &&
    bytes.length <= mostBytesEach &&
    width > 0 &&
    height > 0 &&
    Math.max(width, height) <= mostSidePx
  )
}
