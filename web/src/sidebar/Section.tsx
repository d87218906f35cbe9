import { useId, useRef, type ReactNode } from 'react'
import { useKept } from './kept.ts'
import { useSeen } from './use-seen.ts'

interface SectionProps {
  name: string
  title: string
  /** Shown beside the title while closed or open. */
  note?: string | undefined
  isOpenAtFirst?: boolean
  /** Drawn while open; counts are asked for while in sight. */
  children: (isSeen: boolean) => ReactNode
}

/** A part of the sidebar that opens and closes. What is closed asks for nothing. */
export function Section({ name, title, note, isOpenAtFirst = true, children }: SectionProps) {
  const [isOpen, setOpen] = useKept(name, isOpenAtFirst)
  const id = useId()
  const box = useRef<HTMLElement>(null)
  const isSeen = useSeen(box)
  return (
    <section ref={box} className="sidebar-section">
      <h2>
        <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          <span className="sidebar-arrow" aria-hidden="true">
            {isOpen ? '▾' : '▸'}
          </span>
          {title}
          {note !== undefined && <span className="sidebar-note">{note}</span>}
        </button>
      </h2>
      <div id={id}>{isOpen && children(isSeen)}</div>
    </section>
  )
}
