import { useView } from '../shell/view.ts'
import { ModelList } from './ModelList.tsx'
import { VersionPage } from './VersionPage.tsx'
import './models.css'

/** Registered models: their list, or one version. */
export function ModelsView() {
  const { model } = useView()
  return (
    <div className="runs-view">{model === null ? <ModelList /> : <VersionPage key={model} reference={model} />}</div>
  )
}
