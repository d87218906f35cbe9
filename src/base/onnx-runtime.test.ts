import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const run = promisify(execFile)
const here = pathToFileURL(`${import.meta.dirname}/`).href
const runtime = pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-node')).href
/** No network at all cannot be opened, which is found after the runtime has started. */
const open = `ort.InferenceSession.create(new Uint8Array(0)).catch(() => {})`

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-quiet-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** Runs code in a process whose home is an empty folder and that does not look like a build machine; answers what it left there. */
async function leave(code: string): Promise<string[]> {
  const home = join(root, 'home')
  await mkdir(home)
  const file = join(root, 'main.mts')
  await writeFile(file, code)
  await run(process.execPath, ['--conditions=fovea-source', '--import', import.meta.resolve('tsx'), file], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: root },
  })
  return (await readdir(home, { recursive: true })).filter((name) => !name.startsWith('tsx-'))
}

test('ONNX Runtime keeps no record of its use', async () => {
  expect(
    await leave(`
      import { loadOnnxRuntime } from '${here}onnx-runtime.ts'
      const ort = await loadOnnxRuntime()
      await ${open}`),
  ).toEqual([])
})

test('nor does it in a thread', async () => {
  await writeFile(join(root, 'package.json'), '{"type": "module"}')
  await writeFile(
    join(root, 'worker.ts'),
    `
    import { parentPort } from 'node:worker_threads'
    import('${runtime}').then(async (ort) => {
      await ${open}
      parentPort!.postMessage('opened')
    })`,
  )
  expect(
    await leave(`
      import { once } from 'node:events'
      import { startThread } from '${here}thread.ts'
      const thread = startThread(import.meta.url, null)
      await once(thread, 'message')
      await thread.terminate()`),
  ).toEqual([])
})
