import { useMemo } from 'react'
import { useCall } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import { useView } from '../shell/view.ts'
import { isReadable } from './conditions.ts'
import { Classes, Slices, Splits, Tags } from './Facets.tsx'
import { Fields } from './Fields.tsx'
import { Folders } from './Folders.tsx'
import { Section } from './Section.tsx'
import './sidebar.css'

/** What the dataset is made of, under the query and as a whole; a click narrows the query. */
export function Sidebar() {
  const { dataset } = useView()
  useCommands(useMemo(listCommands, []))
  return dataset === null ? null : <Parts key={dataset} dataset={dataset} />
}

function Parts({ dataset }: { dataset: string }) {
  const { query } = useView()
  const { data: about, error } = useCall('dataset.show', { dataset })
  const slices = useCall('slice.list', { dataset })
  if (error !== null && about === undefined) {
    return (
      <div className="sidebar">
        <p className="sidebar-empty problem">{error.message}</p>
        {error.hint !== undefined && <p className="sidebar-empty">{error.hint}</p>}
      </div>
    )
  }
  const facet = { dataset, query, about }
  return (
    <div className="sidebar">
      {!isReadable(query) && (
        <p className="sidebar-empty problem" role="status">
          The query has a fault; rows cannot be added to it until it is mended.
        </p>
      )}
      <Section name="folders" title="Folders">
        {(isSeen) => <Folders dataset={dataset} query={query} isSeen={isSeen} />}
      </Section>
      <Section name="slices" title="Slices" {...openUnless(slices.data?.slices.length === 0)}>
        {() => <Slices {...facet} />}
      </Section>
      <Section name="splits" title="Splits" {...openUnless(about?.splits.every(({ name }) => name === null))}>
        {(isSeen) => <Splits {...facet} isSeen={isSeen} />}
      </Section>
      <Section name="tags" title="Tags" {...openUnless(about?.tags.length === 0)}>
        {(isSeen) => <Tags {...facet} isSeen={isSeen} />}
      </Section>
      <Section name="classes" title="Classes">
        {(isSeen) => <Classes {...facet} isSeen={isSeen} />}
      </Section>
      <Section name="fields" title="Fields">
        {() => <Fields dataset={dataset} query={query} />}
      </Section>
    </div>
  )
}

/** A part with nothing in it is closed until somebody asks what would be there. */
const openUnless = (isEmpty: boolean | undefined): { isOpenAtFirst: boolean; note: string | undefined } => ({
  isOpenAtFirst: isEmpty !== true,
  note: isEmpty === true ? 'none' : undefined,
})

const listCommands = (): readonly Command[] => [
  {
    id: 'sidebar.find-field',
    title: 'Find a field in the sidebar',
    keys: 'ctrl+shift+f',
    run: () => document.querySelector<HTMLInputElement>('.sidebar-find input')?.focus(),
  },
]
