import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import type { exportDataset as spec, Loss } from '#contract'
import { FoveaError, pathExists, throwIfAborted, type CallContext } from '#base'
import type { CatalogExportSample, TransferPort } from '#catalog'
import { writers, type ExportSample } from '#formats'
import { findRecorded, type MediaStore } from '#store'
import { createMediaPlacer } from './place-media.ts'

export interface ExportDeps {
  catalog: TransferPort
  store: MediaStore
}

type Input = z.output<typeof spec.input>
type Output = z.input<typeof spec.output>

/**
 * Writes the samples a query matches in another format. What the format cannot hold is found from counts before anything
 * is written. The target folder appears whole, when everything is in it, or not at all.
 */
export async function exportDataset(deps: ExportDeps, input: Input, context: CallContext): Promise<Output> {
  const { catalog } = deps
  const writer = writers[input.format]
  const dataset = await catalog.resolveDataset(input.dataset)
  const selection = { query: input.query }
  await refuseTakenTarget(input.to)
  const summary = await catalog.exportSummary(dataset, selection, input.layer)
  const losses: Loss[] = writer.losses(summary)
  if (input.dryRun) return { to: input.to, samples: summary.samples, labels: 0, files: 0, losses }
  if (input.onLoss === 'stop' && losses.length > 0) {
    throw new FoveaError(
      'EXPORT_LOSSY',
      `${input.format} cannot hold everything: ${losses.map((loss) => loss.what).join(' ')}`,
      {
        hint: 'Choose a format that can (jsonl holds every label), or go on with --on-loss warn.',
        details: losses,
      },
    )
  }
  for (const loss of losses) context.log.warn(loss.what, { code: loss.code, count: loss.count })

  const temporary = join(dirname(input.to), `.${basename(input.to)}.${randomBytes(6).toString('hex')}.part`)
  await mkdir(temporary, { recursive: true })
  try {
    const placer = createMediaPlacer(temporary, input.media)
    const written = await writer.write({
      folder: temporary,
      classes: await catalog.classesOf(dataset),
      total: summary.samples,
      samples: withMedia(deps, catalog.exportSamples(dataset, selection, input.layer), input.media, context),
      placeMedia: placer.place,
      media: input.media,
      signal: context.signal,
      progress: context.progress,
    })
    throwIfAborted(context.signal)
    // Renaming a folder over an empty one replaces it in one step (POSIX rename).
    await rename(temporary, input.to)
    return {
      to: input.to,
      samples: summary.samples,
      labels: written.labels,
      files: written.files + placer.count(),
      losses,
    }
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

async function refuseTakenTarget(to: string): Promise<void> {
  const entries = await readdir(to).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new FoveaError('TARGET_EXISTS', `${to} is there already and is no folder (${error.message}).`, {
      hint: 'Give a folder that does not exist yet.',
    })
  })
  if (entries.length > 0) {
    throw new FoveaError(
      'TARGET_EXISTS',
      `Expected a new or empty folder to export into; ${to} holds ${entries.length} entries.`,
      {
        hint: 'Give another folder, or empty this one yourself.',
      },
    )
  }
}

/** Media that was copied into the store is read from there when the original is gone. */
async function* withMedia(
  { store }: ExportDeps,
  samples: AsyncIterable<ExportSample & { md5: string } & Pick<CatalogExportSample, 'recorded'>>,
  media: Input['media'],
  { signal, mayReach }: Pick<CallContext, 'signal' | 'mayReach'>,
): AsyncGenerator<ExportSample> {
  for await (const { md5, recorded, ...sample } of samples) {
    throwIfAborted(signal)
    if (recorded !== undefined && media !== 'none') {
      const file = await findRecorded(store, { source: sample.file, md5, recorded })
      if (file !== sample.file || mayReach === undefined || (await mayReach(file))) {
        yield { ...sample, file }
        continue
      }
    }
    const isOpen = media === 'none' || mayReach === undefined || (await mayReach(sample.file))
    if (isOpen && (await pathExists(sample.file))) yield sample
    else if (await store.has(md5)) yield { ...sample, file: store.pathOf(md5) }
    else if (isOpen) yield sample
    else {
      throw new FoveaError(
        'PATH_OUTSIDE',
        `The media of sample ${sample.id} lies outside the workspace folder and the import roots: ${sample.file}.`,
        { hint: 'Export with the command line on the machine itself, or labels only with --media none.' },
      )
    }
  }
}
