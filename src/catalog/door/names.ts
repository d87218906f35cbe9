import type { OntologyClass } from '#contract'
import type { Writing } from '../database.ts'
import type { Counters, DatasetState } from '../state.ts'
import { schemaName } from '../tables.ts'
import { setThing } from './things.ts'

/** Colours around the wheel by the golden angle, so that neighbours in the list differ. */
export function colorOf(index: number): string {
  const hue = (index * 137.508) % 360
  const channel = (n: number): string => {
    const k = (n + hue / 30) % 12
    const value = 0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    return Math.round(Math.min(1, value) * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}

type ClassDraft = Pick<OntologyClass, 'name'> & Partial<OntologyClass>

export interface Names {
  classIds(tx: Writing, names: readonly ClassDraft[]): Promise<Map<string, number>>
  layerId(tx: Writing, name: string): Promise<number>
  tagIds(tx: Writing, names: readonly string[]): Promise<Map<string, number>>
}

/** Gives classes, layers and tags their numbers, adding those the dataset does not know yet. */
export function createNames(datasetId: number, change: number, state: DatasetState, counters: Counters): Names {
  const d = schemaName(datasetId)
  const classes = new Map(state.classes.map((known) => [known.name, known.id]))
  const addName = async (
    tx: Writing,
    table: 'layers' | 'tag_names',
    list: { id: number; name: string }[],
    name: string,
  ): Promise<number> => {
    const known = list.find((item) => item.name === name)
    if (known) return known.id
    const id = counters.take('name')
    await tx.run(`INSERT INTO ${d}.${table} VALUES ($1, $2)`, [id, name])
    list.push({ id, name })
    return id
  }
  return {
    async classIds(tx, drafts) {
      for (const draft of drafts) {
        if (classes.has(draft.name)) continue
        const id = counters.take('name')
        const value = {
          id,
          name: draft.name,
          color: draft.color ?? colorOf(classes.size),
          hotkey: draft.hotkey ?? null,
          definition: draft.definition ?? '',
          supercategory: draft.supercategory ?? null,
          keypoints: draft.keypoints ?? null,
          skeleton: draft.skeleton ?? null,
        }
        await setThing(tx, change, { datasetId, kind: 'class', key: String(id) }, value)
        classes.set(draft.name, id)
      }
      return classes
    },
    layerId: (tx, name) => addName(tx, 'layers', state.layers, name),
    async tagIds(tx, names) {
      const ids = new Map<string, number>()
      for (const name of names) ids.set(name, await addName(tx, 'tag_names', state.tags, name))
      return ids
    },
  }
}
