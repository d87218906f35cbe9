import { useCall } from '../shell/data.ts'
import { Badge, Card, Fault, ImagesLink, RunLink, Scroll } from '../runs/parts.tsx'
import { showTime } from '../runs/words.ts'
import type { Output } from '../api/client.ts'

type Evidence = Output<'gate.run'>

/** Whether a version may go out, by each gate it was held against. */
export function GateEvidence({
  model,
  files,
  onGate,
}: {
  model: string
  files: readonly string[]
  onGate: () => void
}) {
  if (files.length === 0)
    return (
      <Card title="Gates">
        <p className="hint">It was held against no gate yet.</p>
        <button type="button" onClick={onGate}>
          Hold it against a gate…
        </button>
      </Card>
    )
  return files.map((file) => <GateCard key={file} model={model} file={file} />)
}

function GateCard({ model, file }: { model: string; file: string }) {
  const { data, error } = useCall('registry.evidence', { model, name: file })
  if (error !== null && data === undefined) return <Fault title={`${file} cannot be read`} error={error} />
  const evidence = data === undefined ? undefined : readEvidence(data.text)
  if (data === undefined) return <Card title="Gate">Reading…</Card>
  if (evidence === undefined)
    return (
      <Fault
        title={`${file} is no evidence of a gate`}
        error={{
          code: 'MODEL_INVALID',
          message: 'It has no outcomes.',
          hint: 'Hold the version against the gate again.',
        }}
      />
    )
  const missed = evidence.outcomes.filter(({ passed }) => !passed).length
  return (
    <Card
      title={`Gate ${evidence.gate}`}
      aside={
        <Badge kind={evidence.passed ? 'good' : 'bad'}>
          {evidence.passed ? 'let through' : `kept out: ${missed} of ${evidence.outcomes.length} missed`}
        </Badge>
      }
    >
      <p className="hint">
        {showTime(evidence.at)}, on{' '}
        <ImagesLink dataset={evidence.dataset} query={evidence.query}>
          {evidence.samples.toLocaleString('en')} samples of {evidence.dataset}
        </ImagesLink>
        , run <RunLink run={evidence.run} />
      </p>
      <Scroll label={`Outcomes of the gate ${evidence.gate}`}>
        <table className="runs-table">
          <thead>
            <tr>
              {['', 'Part', 'Of', 'Expected', 'Found', 'Images'].map((title) => (
                <th key={title} scope="col">
                  {title === '' ? <span className="visually-hidden">Outcome</span> : title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {evidence.outcomes
              .toSorted((a, b) => Number(a.passed) - Number(b.passed))
              .map(({ kind, name, passed, expected, found, query }, i) => (
                <tr key={i}>
                  <td>
                    <Badge kind={passed ? 'good' : 'bad'}>{passed ? 'ok' : 'missed'}</Badge>
                  </td>
                  <td>{kind}</td>
                  <th scope="row">{name}</th>
                  <td>{expected}</td>
                  <td>{found}</td>
                  <td>
                    {query === null ? (
                      '–'
                    ) : (
                      <ImagesLink dataset={evidence.dataset} query={query}>
                        Show
                      </ImagesLink>
                    )}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  )
}

function readEvidence(text: string): Evidence | undefined {
  try {
    const read = JSON.parse(text) as Evidence
    return Array.isArray(read.outcomes) ? read : undefined
  } catch {
    return undefined
  }
}
