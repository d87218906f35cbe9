import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng, FoveaError } from '#base'
import type { Example, TrainedModel, TrainingJob } from '../types.ts'
import { readBank, writeBank, type Learnt } from './bank-file.ts'
import { chooseCoreset } from './coreset.ts'
import { gatherPatches, type Rows } from './gather.ts'
import { judgePictures, scorePictures } from './judge.ts'
import { encodeDetector, encodeDistanceNetwork, type Memory } from './network.ts'
import { joinOverview, learnOverview, leastHeldOut, type Overview } from './overview.ts'
import type { PatchcoreParams } from './params.ts'
import { encodePatchNetwork } from './patches.ts'
import { learnPlaces, samePlaces, type Places } from './places.ts'
import { centre, scaleRows, whiten } from './whiten.ts'
import { writeDetector } from './write-model.ts'

/** Share of the normal pictures that is held out: for the threshold where none are, and again for places and overview. */
const heldOutShare = 0.15

/**
 * Learns from those examples that are not anomalous, and leaves a detector in `job.folder`/model. The memory is kept in the folder, so
 * that a run that was interrupted while it judged goes on from there. The same job with the same number of threads gives the same
 * bytes. Throws TRAINING_DATA for fewer than two normal pictures, CANCELLED, MEDIA_UNREADABLE and the like.
 */
export async function trainPatchcore(job: TrainingJob, params: PatchcoreParams): Promise<TrainedModel> {
  const { learnt, heldOut } = divide(job)
  await mkdir(job.folder, { recursive: true })
  const network = await encodePatchNetwork(params)
  const { memory, places, overview } = await learn(job, learnt, network, params)
  job.log(`Remembers ${memory.bank.data.length / memory.bank.width} patches of ${learnt.length} pictures.`)
  if (params.overview && overview === undefined)
    job.log('Scores pictures by their patches alone: there are too few to know the usual one as a whole.')
  const distances = encodeDistanceNetwork(network, memory, params)
  const answers = overview === undefined ? distances : await joinOverview(distances, overview, params)
  const detector = encodeDetector(answers, memory.bank, places, params, overview)
  const judged = await judgePictures(job, detector, heldOut, params)
  await job.logMetrics(judged.metrics, 1)
  const folder = join(job.folder, 'model')
  await writeDetector(folder, detector, judged.threshold, params)
  await rm(join(job.folder, bankFile), { force: true })
  return { folder, metrics: judged.metrics }
}

const bankFile = 'bank.bin'

/** Normal pictures to learn from, and others that set the threshold. */
function divide({ train, validation, seed }: TrainingJob): { learnt: Example[]; heldOut: Example[] } {
  const isNormal = ({ isAnomalous }: Example): boolean => isAnomalous !== true
  const normal = train.filter(isNormal)
  if (normal.length < 2)
    throw new FoveaError('TRAINING_DATA', `Expected normal pictures to learn from, got ${normal.length}.`, {
      hint: 'Say which class is normal with --normal, and import more pictures of it.',
    })
  if (validation.some(isNormal)) return { learnt: normal, heldOut: [...validation] }
  // Distances of remembered pictures to themselves say nothing of others.
  const { kept, drawn } = draw(normal, `${seed}/held out`)
  return { learnt: kept, heldOut: [...drawn, ...validation] }
}

const countHeldOut = ({ length }: readonly Example[]): number => Math.max(1, Math.round(length * heldOutShare))

/** Takes a share out by chance, one at least; both parts in the order of numbers. */
function draw(examples: readonly Example[], seed: string): { kept: Example[]; drawn: Example[] } {
  const shuffled = createRng(seed).shuffle([...examples])
  const count = countHeldOut(examples)
  const byId = (some: Example[]): Example[] => some.toSorted((a, b) => a.id - b.id)
  return { kept: byId(shuffled.slice(count)), drawn: byId(shuffled.slice(0, count)) }
}

async function learn(
  job: TrainingJob,
  examples: readonly Example[],
  network: Uint8Array,
  params: PatchcoreParams,
): Promise<Learnt> {
  // The threshold and the map alone are made of the rest.
  const { blur: _blur, quantile: _quantile, ...told } = params
  const key = createHash('sha256')
    .update(JSON.stringify([3, told, job.seed, examples.map(({ id, file }) => [id, file])]))
    .digest('hex')
  const file = join(job.folder, bankFile)
  const earlier = await readBank(file, key)
  if (earlier !== undefined) return earlier
  const isWhole = params.overview && countHeldOut(examples) >= leastHeldOut
  // Of one picture alone none can be spared.
  const isSpared = isWhole || (params.places === 'even' && examples.length > 1)
  const { kept, drawn } = isSpared ? draw(examples, `${job.seed}/places`) : { kept: examples, drawn: [] }
  const memory = await remember(job, kept, params)
  const distances = encodeDistanceNetwork(network, memory, params)
  const places =
    params.places === 'even' && isSpared ? await learnPlaces(job, distances, drawn, params) : samePlaces(params)
  const overview = isWhole ? await weighOverview(job, kept, drawn, distances, memory, places, params) : undefined
  const learnt = { memory, places, overview }
  await writeBank(file, key, learnt)
  return learnt
}

async function weighOverview(
  job: TrainingJob,
  kept: readonly Example[],
  drawn: readonly Example[],
  distances: Uint8Array,
  { bank }: Memory,
  places: Places,
  params: PatchcoreParams,
): Promise<Overview> {
  const ofPatches = encodeDetector(distances, bank, places, params, undefined)
  const scores = await scorePictures(job, ofPatches, drawn, params, 'look at scores')
  return learnOverview(job, kept, drawn, scores, params)
}

async function remember(job: TrainingJob, examples: readonly Example[], params: PatchcoreParams): Promise<Memory> {
  const patches = await gatherPatches(job, examples, params)
  const scaling = params.scaling === 'whiten' ? whiten(patches, job.signal) : centre(patches)
  const scaled = scaleRows(patches, scaling, job.signal)
  const { signal, progress, seed } = job
  const { bank: count, projection } = params
  const chosen = await chooseCoreset(scaled, { count, projection, seed, signal, progress })
  return { bank: takeRows(scaled, chosen), scaling }
}

function takeRows({ width, data }: Rows, chosen: Uint32Array): Rows {
  const rows = new Float32Array(chosen.length * width)
  chosen.forEach((row, i) => rows.set(data.subarray(row * width, (row + 1) * width), i * width))
  return { width, data: rows }
}
