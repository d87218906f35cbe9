import { labelKinds, type Label } from '#contract'
import type { AppendValue, Writing } from '../database.ts'
import { encodeGeometry } from '../geometry-codec.ts'
import type { DatasetState } from '../state.ts'
import { schemaName } from '../tables.ts'

export interface LabelPlace {
  change: number
  layerId: number
  classIds: ReadonlyMap<string, number>
  /** Width × height of the sample, px². */
  imageArea: number
}

/** A row of the labels table, in the order of its columns. */
export function labelRow(id: number, sampleId: number, label: Label, place: LabelPlace): AppendValue[] {
  const { box } = label
  const attributes = Object.keys(label.attributes).length === 0 ? null : JSON.stringify(label.attributes)
  return [
    id,
    sampleId,
    place.layerId,
    place.classIds.get(label.class)!,
    labelKinds.indexOf(label.kind),
    box?.x ?? null,
    box?.y ?? null,
    box?.w ?? null,
    box?.h ?? null,
    label.area,
    label.area === null ? null : label.area / place.imageArea,
    label.score,
    label.author,
    attributes,
    label.geometry === null ? null : encodeGeometry(label.geometry),
    place.change,
    null,
    true,
  ]
}

/** Remembers which attributes labels have, and of which type; one seen with several types is text. */
export async function noteAttributes(
  tx: Writing,
  datasetId: number,
  state: DatasetState,
  labels: Iterable<Pick<Label, 'attributes'>>,
): Promise<void> {
  const d = schemaName(datasetId)
  for (const label of labels) {
    for (const [name, value] of Object.entries(label.attributes)) {
      const type = typeof value as 'number' | 'string' | 'boolean'
      const known = state.attributes.find((attribute) => attribute.name === name)
      if (!known) {
        state.attributes.push({ name, type })
        await tx.run(`INSERT INTO ${d}.attributes VALUES ($1, $2)`, [name, type])
      } else if (known.type !== type && known.type !== 'string') {
        known.type = 'string'
        await tx.run(`UPDATE ${d}.attributes SET type = 'string' WHERE name = $1`, [name])
      }
    }
  }
}

/** Takes rows of labels, tags or digests out of what counts, remembering the change. */
export async function retire(
  tx: Writing,
  change: number,
  datasetId: number,
  table: 'labels' | 'tags' | 'digests',
  where: string,
  values: (string | number)[] = [],
): Promise<number> {
  return tx.run(`UPDATE ${schemaName(datasetId)}.${table} SET live = false, removed = $1 WHERE live AND ${where}`, [
    change,
    ...values,
  ])
}
