// Imports a folder and tags it over and over, saying aloud what was acknowledged, until it is killed.
// argv: workspace folder, source folder. Every line on stdout is one acknowledged write.
import { writeSync } from 'node:fs'
import { createApp, findWorkspace, loadConfig } from '#app'

const [folder, source] = process.argv.slice(2) as [string, string]
const workspace = await findWorkspace({ cwd: folder, named: folder })
const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
const say = (line: string): void => void writeSync(1, `${line}\n`)
say('open')
await app.call('dataset.import', { path: source, dataset: 'set' })
say('imported')
for (let n = 0; n < 1_000; n++) {
  await app.call('sample.tag', { dataset: 'set', query: '', tags: [`t${n}`] })
  say(`tagged t${n}`)
  if (n % 3 === 2) {
    await app.call('history.undo', {})
    say(`undone t${n}`)
  }
  await app.call('sample.set', { dataset: 'set', query: '', field: 'round', value: n })
  say(`set ${n}`)
}
