import { useId, useState } from 'react'
import { change } from '../shell/changes.ts'
import { useCall } from '../shell/data.ts'
import { notifyFailure } from '../shell/notices.ts'
import { onlyThis, type Shown } from './sample-data.ts'

/** What people put on a sample: tags, split and note. Each change can be undone. */
export function SampleMarks({ id, shown }: { id: number; shown: Shown }) {
  const { dataset, sample } = shown
  const { data } = useCall('dataset.show', { dataset })
  return (
    <section className="sample-marks" aria-label="Tags, split and note">
      <Tags id={id} dataset={dataset} tags={sample.tags} known={data?.tags.map(({ name }) => name) ?? []} />
      <Split
        id={id}
        dataset={dataset}
        split={sample.split}
        known={data?.splits.flatMap(({ name }) => (name === null ? [] : [name])) ?? []}
      />
      <Note id={id} dataset={dataset} note={String(sample.fields['note'] ?? '')} />
    </section>
  )
}

/** A text that is being edited; it follows what is saved when that changes. */
function useEdited(saved: string): [string, (text: string) => void] {
  const [text, setText] = useState(saved)
  const [before, setBefore] = useState(saved)
  if (before !== saved) {
    setBefore(saved)
    setText(saved)
  }
  return [text, setText]
}

interface TagsProps {
  id: number
  dataset: string
  tags: readonly string[]
  known: readonly string[]
}

function Tags({ id, dataset, tags, known }: TagsProps) {
  const [text, setText] = useState('')
  const list = useId()
  const add = (): void => {
    const tag = text.trim()
    if (tag === '') return
    if (tags.includes(tag)) {
      notifyFailure({ code: 'TAG_THERE', message: `The sample has the tag ${tag} already.` })
      return
    }
    void change('sample.tag', { dataset, query: onlyThis(id), tags: [tag] }, () => `Tagged s_${id}: ${tag}`).then(
      (done) => {
        if (done !== undefined) setText('')
      },
    )
  }
  return (
    <div className="sample-tags">
      {tags.map((tag) => (
        <span key={tag} className="sample-tag">
          {tag}
          <button
            type="button"
            aria-label={`Take off the tag ${tag}`}
            title="Take off"
            onClick={() =>
              void change(
                'sample.untag',
                { dataset, query: onlyThis(id), tags: [tag] },
                () => `Took ${tag} off s_${id}`,
              )
            }
          >
            ×
          </button>
        </span>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          add()
        }}
      >
        <input
          id="sample-add-tag"
          value={text}
          maxLength={200}
          placeholder="Add tag…"
          aria-label="Add a tag"
          title="Add a tag (T)"
          list={list}
          onChange={(event) => setText(event.target.value)}
        />
        <datalist id={list}>
          {known
            .filter((name) => !tags.includes(name))
            .slice(0, 200)
            .map((name) => (
              <option key={name} value={name} />
            ))}
        </datalist>
      </form>
    </div>
  )
}

interface SplitProps {
  id: number
  dataset: string
  split: string | null
  known: readonly string[]
}

function Split({ id, dataset, split, known }: SplitProps) {
  const [text, setText] = useEdited(split ?? '')
  const list = useId()
  const save = (): void => {
    const value = text.trim() === '' ? null : text.trim()
    if (value === split) return
    void change('sample.set', { dataset, query: onlyThis(id), field: 'split', value }, () =>
      value === null ? `Took s_${id} out of its split` : `Put s_${id} into ${value}`,
    ).then((done) => {
      if (done === undefined) setText(split ?? '')
    })
  }
  return (
    <form
      className="sample-row"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <label htmlFor={`${list}-split`}>Split</label>
      <input
        id={`${list}-split`}
        value={text}
        placeholder="none"
        list={list}
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
      />
      <datalist id={list}>
        {[...new Set(['train', 'val', 'test', ...known])].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  )
}

function Note({ id, dataset, note }: { id: number; dataset: string; note: string }) {
  const [text, setText] = useEdited(note)
  const save = (): void => {
    const value = text.trim() === '' ? null : text
    if ((value ?? '') === note) return
    void change('sample.set', { dataset, query: onlyThis(id), field: 'note', value }, () =>
      value === null ? `Cleared the note of s_${id}` : `Noted at s_${id}`,
    )
  }
  return (
    <div className="sample-row">
      <label htmlFor="sample-note">Note</label>
      <textarea
        id="sample-note"
        value={text}
        rows={text === '' ? 1 : Math.min(6, text.split('\n').length + Math.floor(text.length / 45))}
        placeholder="none"
        title="Kept when you leave the field, or with Ctrl+Enter (N)"
        onChange={(event) => setText(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
        }}
      />
    </div>
  )
}
