import { useView } from '../shell/view.ts'
import { EndpointList } from './EndpointList.tsx'
import { EndpointPage } from './EndpointPage.tsx'
import '../models/models.css'
import './endpoints.css'

/** What answers requests: the list of endpoints, or one with its statistics and a playground. */
export function EndpointsView() {
  const { endpoint } = useView()
  return (
    <div className="runs-view">
      {endpoint === null ? <EndpointList /> : <EndpointPage key={endpoint} name={endpoint} />}
    </div>
  )
}
