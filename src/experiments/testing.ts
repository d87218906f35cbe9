import type { Run } from './types.ts'

/** A run that has ended, as a test wants it. */
export function makeRun(facts: Partial<Run>): Run {
  return {
    id: 'run_000000000000',
    kind: 'train',
    name: '',
    experiment: 'default',
    state: 'done',
    actor: 'local',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:01:00.000Z',
    durationMs: 60_000,
    parent: null,
    params: {},
    tags: {},
    metrics: {},
    data: null,
    model: null,
    environment: { fovea: '1.0.0', node: 'v20', platform: 'linux-x64', cpus: 2, revision: null },
    peakMemoryBytes: null,
    error: null,
    call: null,
    ...facts,
  }
}
