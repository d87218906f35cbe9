import { useState } from 'react'
import { useView } from '../shell/view.ts'
import { CompareRuns } from './CompareRuns.tsx'
import { RunDetail } from './RunDetail.tsx'
import { RunList } from './RunList.tsx'
import { TrainDialog } from './TrainDialog.tsx'
import './runs.css'

/** Trainings, evaluations and gates: their list, one of them, or several side by side. */
export function RunsView() {
  const { runs } = useView()
  const [isTraining, setTraining] = useState(false)
  return (
    <div className="runs-view">
      {runs === null || runs.length === 0 ? (
        <RunList onTrain={() => setTraining(true)} />
      ) : runs.length === 1 ? (
        <RunDetail key={runs[0]} id={runs[0]!} />
      ) : (
        <CompareRuns ids={runs} />
      )}
      {isTraining && <TrainDialog onClose={() => setTraining(false)} />}
    </div>
  )
}
