import { FieldList } from './FieldList.tsx'
import { HistoryList } from './HistoryList.tsx'
import { LabelPanel, type LabelPanelProps } from './LabelPanel.tsx'
import type { Shown } from './sample-data.ts'
import { setSettings, useSettings, type Settings } from './settings.ts'
import { SimilarList } from './SimilarList.tsx'
import { SampleMarks } from './SampleMarks.tsx'

const sections: [Settings['section'], string][] = [
  ['labels', 'Labels'],
  ['fields', 'Fields'],
  ['similar', 'Similar'],
  ['history', 'History'],
]

interface PanelProps extends Omit<LabelPanelProps, 'shown'> {
  id: number
  shown: Shown | null
  space: string | null
}

/** Everything about the sample that is not its picture. */
export function Panel({ id, shown, space, ...labels }: PanelProps) {
  const { section } = useSettings()
  return (
    <aside className="sample-panel" aria-label="About the sample">
      {shown === null ? (
        <div className="sample-empty">Loading…</div>
      ) : (
        <>
          <SampleMarks key={`marks ${id}`} id={id} shown={shown} />
          <nav className="sample-sections" aria-label="Parts">
            {sections.map(([name, title]) => (
              <button
                key={name}
                type="button"
                aria-current={section === name ? 'page' : undefined}
                onClick={() => setSettings({ section: name })}
              >
                {title}
              </button>
            ))}
          </nav>
          {section === 'labels' && <LabelPanel key={`labels ${id}`} shown={shown} {...labels} />}
          {section === 'fields' && <FieldList shown={shown} />}
          {section === 'similar' && <SimilarList id={id} dataset={shown.dataset} space={space} />}
          {section === 'history' && <HistoryList dataset={shown.dataset} />}
        </>
      )}
    </aside>
  )
}
