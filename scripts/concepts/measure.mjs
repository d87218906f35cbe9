// Precision of searching by text: pictures in a folder for each class, sought by the names of the folders.
//
//   node --conditions=fovea-source --import tsx scripts/concepts/measure.mjs FOLDER [--per-class 200] [--weights FILE] [--keep FILE]
//
// --weights takes {"query": [1000 weights]} instead of the table, as baseline.py writes them; --keep keeps what the network
// said for the next run.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openConcepts, scoreText } from '../../src/models/concepts/index.ts'
import { createEmbedder } from '../../src/models/embedder.ts'
import { builtInModels, createModelShelf } from '../../src/models/shelf.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'per-class': { type: 'string', default: '200' }, weights: { type: 'string' }, keep: { type: 'string' } },
})
const [folder] = positionals
if (folder === undefined) throw new Error('Expected a folder of pictures by class.')
const perClass = Number(values['per-class'])
const names = (await readdir(folder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const isKept = values.keep !== undefined && existsSync(values.keep)
const samples = isKept ? JSON.parse(await readFile(values.keep, 'utf8')) : await lookAtAll()
if (values.keep !== undefined && !isKept) await writeFile(values.keep, JSON.stringify(samples))
const explain = await chooseExplain()

const rates = names.map((name) => rate(name))
names.forEach((name, at) => print(name, rates[at]))
print(
  'mean',
  [0, 1].map((which) => rates.reduce((sum, rated) => sum + rated[which], 0) / names.length),
)

function print(name, [precision, average]) {
  console.log(`${name.padEnd(12)} P@10 ${precision.toFixed(2)}  AP ${average.toFixed(3)}`)
}

/** Precision among the first ten, and average precision. */
function rate(name) {
  const meaning = explain(name)
  const ranked = samples
    .map((sample) => ({ hit: sample.of === name, score: scoreText(meaning, sample) }))
    .toSorted((a, b) => b.score - a.score)
  let hits = 0
  let average = 0
  ranked.forEach(({ hit }, at) => {
    if (hit) average += ++hits / (at + 1)
  })
  return [ranked.slice(0, 10).filter(({ hit }) => hit).length / 10, average / hits]
}

async function chooseExplain() {
  if (values.weights === undefined) return (await openConcepts()).explainText
  const weights = JSON.parse(await readFile(values.weights, 'utf8'))
  return (query) => ({ concepts: [{ importance: 1, unwanted: false, weights: weights[query] }] })
}

/** Asks the built-in network about the first pictures of each class. */
async function lookAtAll() {
  const scratch = await mkdtemp(join(tmpdir(), 'concepts-'))
  const { runner } = await createModelShelf({ folder: scratch }).find(builtInModels.backbone)
  const embedder = createEmbedder({ source: runner, threads: availableParallelism(), maxPixels: 1e8 })
  try {
    const found = []
    for (const name of names) {
      const files = (await readdir(join(folder, name))).toSorted().slice(0, perClass)
      const answers = await embedder.embed(files.map((file) => ({ file: join(folder, name, file) })))
      for (const { top } of answers)
        found.push({ of: name, classes: [...top.classes], probabilities: [...top.probabilities] })
    }
    return found
  } finally {
    await embedder.close()
    await rm(scratch, { recursive: true })
  }
}
