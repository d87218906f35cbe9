import {
  addField,
  builtInFields,
  createDataset,
  deleteDataset,
  editCard,
  editClass,
  listDatasets,
  listFields,
  listProblems,
  removeField,
  showDataset,
  showOntology,
} from '#contract'
import { FoveaError, implement, type Operation } from '#base'
import type { Catalog } from '../catalog.ts'
import { colorOf } from '../door/names.ts'
import type { StoredClass } from '../state.ts'

/** Handlers of `dataset.*`, `ontology.*` and `field.*` that the catalogue answers itself. */
export function createDatasetOperations(catalog: Catalog): Operation[] {
  return [
    implement(listDatasets, async () => ({
      datasets: await Promise.all((await catalog.datasets()).map((dataset) => catalog.summary(dataset))),
    })),
    implement(showDataset, async ({ dataset }) => catalog.details(await catalog.resolveDataset(dataset))),
    implement(createDataset, async ({ name, card }, { actor }) => {
      const { change } = await catalog.createDataset(name, card ?? {}, actor)
      return { name, change }
    }),
    implement(deleteDataset, async ({ dataset }, { actor }) =>
      catalog.deleteDataset(await catalog.resolveWritable(dataset), actor),
    ),
    implement(editCard, async ({ dataset: name, ...edits }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const given = Object.fromEntries(Object.entries(edits).filter(([, value]) => value !== undefined))
      const card = { ...(await catalog.card(dataset)), ...given }
      const meta = { actor, operation: editCard.id, dataset }
      const change = await catalog.changeThing(
        meta,
        'card',
        '',
        card,
        `Changed ${Object.keys(given).join(', ')} of ${dataset.name}`,
      )
      return { card, change }
    }),
    implement(showOntology, async ({ dataset }) => ({
      classes: await catalog.classesOf(await catalog.resolveDataset(dataset)),
    })),
    implement(editClass, async ({ dataset: name, class: className, rename, ...edits }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const { classes } = await catalog.state(dataset)
      const old = classes.find((known) => known.name === className)
      if (rename !== undefined && rename !== className && classes.some((known) => known.name === rename)) {
        throw new FoveaError('INPUT_INVALID', `There is already a class called ${rename}.`, {
          hint: 'Choose another name.',
        })
      }
      const meta = { actor, operation: editClass.id, dataset }
      const given = Object.fromEntries(Object.entries(edits).filter(([, value]) => value !== undefined))
      if (!old) {
        const change = catalog.openChange(meta)
        await change.step((step) =>
          step.ensureClasses([{ name: rename ?? className, color: colorOf(classes.length), ...given }]),
        )
        await change.close(`Added class ${rename ?? className}`)
        const added = (await catalog.classesOf(dataset)).find((known) => known.name === (rename ?? className))!
        return { class: added, change: change.id }
      }
      const edited: StoredClass = { ...old, ...given, name: rename ?? old.name }
      const change = await catalog.changeThing(meta, 'class', String(old.id), edited, `Changed class ${className}`)
      const { id: _, ...shown } = edited
      return { class: shown, change }
    }),
    implement(listFields, async ({ dataset }) => {
      const { fields } = await catalog.state(await catalog.resolveDataset(dataset))
      return {
        fields: [
          ...builtInFields.map((field) => ({
            name: field.name,
            type: field.type,
            unit: 'unit' in field ? field.unit : null,
            summary: field.summary,
            writable: 'writable' in field && field.writable,
            builtIn: true,
          })),
          ...fields.map((field) => ({ ...field, writable: true, builtIn: false })),
        ],
      }
    }),
    implement(addField, async ({ dataset: name, name: field, type, unit, summary }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const { fields } = await catalog.state(dataset)
      const taken = [...builtInFields, ...fields].some((known) => known.name.toLowerCase() === field.toLowerCase())
      if (taken)
        throw new FoveaError('FIELD_EXISTS', `There is already a field called ${field}.`, {
          hint: 'See: fovea field list',
        })
      const meta = { actor, operation: addField.id, dataset }
      return { change: await catalog.addField(meta, { name: field, type, unit: unit ?? null, summary }) }
    }),
    implement(removeField, async ({ dataset: name, name: field }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      if (builtInFields.some((known) => known.name === field)) {
        throw new FoveaError('FIELD_READ_ONLY', `The field ${field} is part of every dataset and cannot be removed.`, {
          hint: 'Only fields of your own can be removed.',
        })
      }
      const { fields } = await catalog.state(dataset)
      if (!fields.some((known) => known.name === field)) {
        throw new FoveaError('FIELD_NOT_FOUND', `There is no field called ${field}.`, { hint: 'See: fovea field list' })
      }
      const had = (await catalog.stats(dataset, { selection: { query: '' }, by: [field], bins: 1, top: 1 })).fields[0]!
        .count
      const change = await catalog.changeThing(
        { actor, operation: removeField.id, dataset },
        'field',
        field,
        null,
        `Removed field ${field}`,
      )
      return { changed: had, matched: had, change }
    }),
    implement(listProblems, async ({ dataset, limit, offset }) =>
      catalog.problems(await catalog.resolveDataset(dataset), limit, offset),
    ),
  ]
}
