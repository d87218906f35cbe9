import { useState } from 'react'
import { useCall } from '../shell/data.ts'
import { Badge, Fault, ModelLink, RunLink, Scroll } from '../runs/parts.tsx'
import { pickMetrics, showFigure, showTime } from '../runs/words.ts'
import { stageKinds, type Version } from './version.ts'

/** Every registered version, by model. */
export function ModelList() {
  const { data, error } = useCall('registry.list', {})
  const [name, setName] = useState('')
  const [task, setTask] = useState('')
  const [isNewest, setNewest] = useState(false)
  const versions = data?.versions ?? []
  const tasks = [...new Set(versions.map((one) => one.task))].toSorted()
  const shown = versions.filter(
    (one, i) =>
      one.model.includes(name.trim()) &&
      (task === '' || one.task === task) &&
      (!isNewest || versions[i - 1]?.model !== one.model),
  )
  return (
    <>
      <div className="runs-bar">
        <h1>Models</h1>
        <label>
          Task{' '}
          <select value={task} onChange={(event) => setTask(event.target.value)}>
            <option value="">all</option>
            {tasks.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <input
          type="search"
          aria-label="Name of the model"
          placeholder="Name…"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <label className="runs-check">
          <input type="checkbox" checked={isNewest} onChange={(event) => setNewest(event.target.checked)} />
          Newest versions only
        </label>
      </div>
      {error !== null && data === undefined && <Fault title="The models cannot be listed" error={error} />}
      {data === undefined && error === null && <div className="loading">Reading the models…</div>}
      {data !== undefined && versions.length === 0 && (
        <div className="empty">
          <h1>No model yet</h1>
          <p>Every training registers one. A network made elsewhere is registered with its card:</p>
          <p>
            <code>fovea models register FOLDER --name NAME</code>
          </p>
        </div>
      )}
      {versions.length > 0 && shown.length === 0 && <div className="empty">No model is like that.</div>}
      {shown.length > 0 && (
        <Scroll label="Table of models">
          <table className="runs-table">
            <thead>
              <tr>
                {['Version', 'Task', 'Stage', 'Aliases', 'Main metrics', 'Classes', 'Run', 'Made'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Line key={`${one.model}:${one.version}`} version={one} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  )
}

function Line({ version: one }: { version: Version }) {
  return (
    <tr>
      <th scope="row">
        <ModelLink model={`${one.model}:${one.version}`} />
      </th>
      <td>{one.task}</td>
      <td>{one.stage === 'none' ? '–' : <Badge kind={stageKinds[one.stage]}>{one.stage}</Badge>}</td>
      <td>
        <Aliases names={one.aliases} />
      </td>
      <td className="runs-metrics">
        {pickMetrics(one.metrics, 3).map((name) => (
          <span key={name}>
            {name} <b>{showFigure(one.metrics[name])}</b>
          </span>
        ))}
      </td>
      <td className="runs-number">{one.classes.length}</td>
      <td>{one.run === null ? '–' : <RunLink run={one.run} />}</td>
      <td>
        {showTime(one.createdAt)}
        <div className="hint">{one.actor}</div>
      </td>
    </tr>
  )
}

export function Aliases({ names }: { names: readonly string[] }) {
  return (
    <span className="models-aliases">
      {names.map((alias) => (
        <Badge key={alias} kind={alias === 'champion' ? 'good' : 'busy'}>
          @{alias}
        </Badge>
      ))}
    </span>
  )
}
