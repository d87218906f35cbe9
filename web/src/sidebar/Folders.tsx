import { useMemo, useState } from 'react'
import { useCall } from '../shell/data.ts'
import { has, replaceIn } from './conditions.ts'
import { editQuery, rowOf } from './edit.ts'
import { endingsOf, folderCondition, visibleFolders, type Folder } from './folders.ts'
import { Row } from './Row.tsx'
import { Rows } from './Rows.tsx'

/** So few folders are all shown at first. */
const openUpTo = 30
const none: readonly Folder[] = []

/** The folders the samples lie in. One at a time is looked into; any number can be shut out. */
export function Folders({ dataset, query, isSeen }: { dataset: string; query: string; isSeen: boolean }) {
  const whole = useCall('query.tree', { dataset, query: '' }, { enabled: isSeen })
  const now = useCall('query.tree', { dataset, query }, { enabled: isSeen })
  const folders = whole.data?.folders ?? none
  const endings = useMemo(() => endingsOf(folders), [folders])
  const counts = useMemo(
    () => (now.data === undefined ? undefined : new Map(now.data.folders.map(({ path, count }) => [path, count]))),
    [now.data],
  )
  const parents = useMemo(() => new Set(folders.map(({ path }) => parentOf(path))), [folders])
  // What the user opened or closed; the rest is open when the tree is small.
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map())
  const visible = useMemo(() => {
    const isSmall = folders.length <= openUpTo
    const open = folders.filter(({ path }) => changed.get(path) ?? isSmall).map(({ path }) => path)
    return visibleFolders(folders, new Set(open))
  }, [folders, changed])
  const isOpen = (path: string): boolean => changed.get(path) ?? folders.length <= openUpTo

  if (whole.error !== null && whole.data === undefined)
    return <p className="sidebar-empty problem">{whole.error.message}</p>
  if (whole.data === undefined) return <p className="sidebar-empty">Loading…</p>
  if (visible.length === 0) return <p className="sidebar-empty">All samples lie in one folder.</p>
  return (
    <Rows
      items={visible}
      render={({ path, depth, count: total }) => {
        const condition = folderCondition(path, endings)
        return (
          <Row
            key={path}
            label={path.slice(path.lastIndexOf('/') + 1)}
            title={path}
            indent={depth - 1}
            lead={
              parents.has(path) ? (
                <button
                  type="button"
                  className="sidebar-fold"
                  aria-expanded={isOpen(path)}
                  aria-label={`Folders in ${path}`}
                  onClick={() => setChanged(new Map([...changed, [path, !isOpen(path)]]))}
                >
                  {isOpen(path) ? '▾' : '▸'}
                </button>
              ) : (
                <span className="sidebar-fold" />
              )
            }
            count={counts && (counts.get(path) ?? 0)}
            total={total}
            {...rowOf(query, condition)}
            onInclude={() => editQuery((text) => lookInto(text, condition, folders, endings))}
          />
        )
      }}
    />
  )
}

/** Looks into a folder in place of another one; into the same again takes it back. */
function lookInto(query: string, condition: string, folders: readonly Folder[], endings: ReadonlySet<string>): string {
  const others = folders.map(({ path }) => folderCondition(path, endings)).filter((other) => isMaybeIn(query, other))
  return replaceIn(
    query,
    others.filter((other) => has(query, other)),
    has(query, condition) ? [] : [condition],
  )
}

/** A cheap test before the careful one, as there may be many folders. */
const isMaybeIn = (query: string, condition: string): boolean => query.includes(condition)

const parentOf = (path: string): string | null => {
  if (path === '') return null
  const at = path.lastIndexOf('/')
  return at < 0 ? '' : path.slice(0, at)
}
