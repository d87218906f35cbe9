// Commits a dataset over and over, with another tag on every sample each time, saying aloud what was acknowledged, until it is killed.
// argv: workspace folder, with the dataset `set` in it.
import { writeSync } from 'node:fs'
import { createApp, findWorkspace, loadConfig } from '#app'

const [folder] = process.argv.slice(2) as [string]
const workspace = await findWorkspace({ cwd: folder, named: folder })
const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
writeSync(1, 'open\n')
for (let n = 1; n < 1_000; n++) {
  await app.call('sample.tag', { query: '', tags: [`t${n}`] })
  await app.call('versions.commit', { message: `Round ${n}` })
  writeSync(1, `v${n}\n`)
}
