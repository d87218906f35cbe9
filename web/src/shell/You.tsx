import { useId, useRef, useState, type SubmitEvent } from 'react'
import { keepName, longestName, readName } from '../api/person.ts'

/** Who works here: a name that stands beside their changes in the history. Kept in this browser. */
export function You() {
  const [name, setName] = useState(readName)
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const menu = useRef<HTMLDetailsElement>(null)
  const close = (): void => {
    menu.current?.removeAttribute('open')
    menu.current?.querySelector('summary')?.focus()
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    keepName(field.current?.value ?? '')
    setName(readName())
    close()
  }
  return (
    <details
      ref={menu}
      className="you"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) event.currentTarget.removeAttribute('open')
      }}
      onToggle={(event) => {
        if (event.currentTarget.open) event.currentTarget.querySelector('input')?.focus()
      }}
    >
      <summary title="Who makes the changes of this page">{name === '' ? 'You' : name}</summary>
      <form key={name} className="you-form" onSubmit={submit}>
        <label htmlFor={id}>You are</label>
        <input
          ref={field}
          id={id}
          name="name"
          defaultValue={name}
          maxLength={longestName}
          autoComplete="name"
          placeholder="Your name"
        />
        <button type="submit">Keep</button>
        <p className="hint">
          It stands beside your changes in the history, so that others know whom to ask. It is kept in this browser and
          opens nothing.
        </p>
      </form>
    </details>
  )
}
