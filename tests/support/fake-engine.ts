import { implement, throwIfAborted, type Operation } from '#base'
import { countQuery, importDataset, listDatasets, showSample } from '#contract'
import { listSpecs, type Engine } from '#app'

/** Rooms whose work a test steers: `dataset.import` counts to 100 and stops at 10 until let on or cancelled. */
export function createFakeEngine(): { engine: Engine; letOn: () => void; calls: { id: string; actor: string }[] } {
  let letOn = (): void => {}
  const opened = new Promise<void>((resolve) => (letOn = resolve))
  const calls: { id: string; actor: string }[] = []

  const real: Operation[] = [
    implement(listDatasets, async () => ({
      datasets: [
        {
          name: '<script>alert(1)</script>',
          samples: 1234,
          labels: 5,
          createdAt: '2026-01-01T00:00:00Z',
          updatedAt: '2026-01-01T00:00:00Z',
        },
      ],
    })),
    implement(countQuery, async ({ query }, { actor }) => {
      calls.push({ id: 'query.count', actor })
      if (query === 'boom') throw new TypeError('secret inside /etc/shadow')
      return { count: query.length }
    }),
    implement(showSample, async () => {
      throw new Error('no samples here')
    }),
    implement(importDataset, async ({ path }, { progress, signal, actor }) => {
      calls.push({ id: 'dataset.import', actor })
      for (let done = 0; done <= 100; done++) {
        throwIfAborted(signal)
        progress.report({ stage: done < 50 ? 'first half' : 'second half', done, total: 100, unit: 'images' })
        if (done === 10)
          await Promise.race([
            opened,
            new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true })),
          ])
      }
      const detected = { format: 'folder', layout: 'images', evidence: path } as const
      return {
        dataset: 'd',
        detected,
        added: 100,
        updated: 0,
        unchanged: 0,
        skipped: 0,
        labels: 0,
        problems: 0,
        change: 'c_1',
        seconds: 0,
      }
    }),
  ]
  const rest = [...listSpecs().values()]
    .filter((spec) => !real.some((operation) => operation.spec.id === spec.id) && !/^(job|workspace)\./.test(spec.id))
    .map((spec) => implement(spec, async () => Promise.reject(new Error(`${spec.id} is not part of this test`))))
  const operations = [...real, ...rest]

  return {
    calls,
    letOn: () => letOn(),
    engine: {
      rooms: [{ name: 'fake', ids: operations.map((operation) => operation.spec.id), load: async () => operations }],
      sampleFile: async () => {
        throw new Error('no samples here')
      },
      view: {
        frame: async () => ({ ids: Int32Array.of(1, 2), aspects: Float32Array.of(1, 1.5) }),
        fieldValues: async () => ({ ids: Int32Array.of(1), values: Float32Array.of(0.5), names: null }),
        points: async () => {
          throw new Error('no map here')
        },
        onChange: () => () => {},
      },
      serving: async () => Promise.reject(new Error('no endpoints here')),
      artefactFile: async () => Promise.reject(new Error('no runs here')),
      schemaVersion: 1,
      media: async () => Promise.reject(new Error('no media here')),
      close: async () => {},
    },
  }
}
