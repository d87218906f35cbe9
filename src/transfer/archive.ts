import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { FoveaError, pathExists, resolveInside, throwIfAborted, type Progress } from '#base'
import type { DraftProblem } from '#formats'

interface ArchiveLimits {
  maxEntries: number
  /** Sum of unpacked sizes. */
  maxBytes: number
}

const defaultArchiveLimits: ArchiveLimits = { maxEntries: 5_000_000, maxBytes: 500 * 1024 ** 3 }

/** An entry that unpacks to more than this many times its packed size is taken for a bomb (deflate reaches 1032). */
const maxRatio = 500
/** Ratios say nothing of small entries. */
const ratioFromBytes = 64 * 1024 ** 2

const unixLink = 0o120000

/**
 * Unpacks a zip below `into`, in a folder named by the archive's path, size and time; one that was unpacked before is reused.
 * Entries that would climb out, links, and names twice are left out, each with a problem.
 * Throws SOURCE_UNREADABLE for a broken archive and ARCHIVE_UNSAFE beyond the limits; neither leaves anything behind.
 */
export async function unpackArchive(
  file: string,
  into: string,
  {
    limits = defaultArchiveLimits,
    signal,
    progress,
  }: { limits?: ArchiveLimits; signal: AbortSignal; progress: Progress },
): Promise<{ folder: string; problems: DraftProblem[] }> {
  const facts = await stat(file)
  const key = createHash('md5').update(`${file}\n${facts.size}\n${facts.mtimeMs}`).digest('hex').slice(0, 12)
  const stem = basename(file).replace(/\.zip$/i, '')
  const target = join(into, key, stem)
  const problems: DraftProblem[] = []
  const zip = await openArchive(file)
  const unpacked = await pathExists(target)
  const temporary = `${dirname(target)}.${randomBytes(6).toString('hex')}.tmp`
  try {
    if (!unpacked) await mkdir(join(temporary, stem), { recursive: true })
    await eachEntry(zip, file, limits, signal, problems, async (entry, name, done) => {
      progress.report({ stage: 'unpack', done, total: zip.entryCount, unit: 'files' })
      if (unpacked) return
      const path = resolveInside(join(temporary, stem), name)
      if (name.endsWith('/')) return void (await mkdir(path, { recursive: true }))
      await mkdir(dirname(path), { recursive: true })
      await pipeline(await openEntry(zip, entry), limitBytes(entry, file), createWriteStream(path, { flags: 'wx' }), {
        signal,
      })
    })
    if (!unpacked) await rename(temporary, dirname(target))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    if (error instanceof FoveaError) throw error
    throwIfAborted(signal)
    throw broken(file, error)
  } finally {
    zip.close()
  }
  return { folder: target, problems }
}

function broken(file: string, cause: unknown): FoveaError {
  return new FoveaError('SOURCE_UNREADABLE', `${file} is not a whole zip archive (${(cause as Error).message}).`, {
    hint: 'Fetch it again, or unpack it yourself and import the folder.',
    cause,
  })
}

function openArchive(file: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(file, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error, zip) =>
      error ? reject(broken(file, error)) : resolve(zip),
    )
  })
}

function openEntry(zip: ZipFile, entry: Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
}

/** Stops an entry that unpacks to more than its header says. */
function limitBytes(entry: Entry, file: string): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length
      if (bytes <= entry.uncompressedSize) callback(null, chunk)
      else
        callback(
          new FoveaError(
            'ARCHIVE_UNSAFE',
            `An entry of ${file} unpacks to more than the ${entry.uncompressedSize} bytes it states.`,
          ),
        )
    },
  })
}

async function eachEntry(
  zip: ZipFile,
  file: string,
  limits: ArchiveLimits,
  signal: AbortSignal,
  problems: DraftProblem[],
  take: (entry: Entry, name: string, done: number) => Promise<void>,
): Promise<void> {
  if (zip.entryCount > limits.maxEntries) {
    throw new FoveaError(
      'ARCHIVE_UNSAFE',
      `${file} holds ${zip.entryCount} entries; the limit is ${limits.maxEntries}.`,
    )
  }
  const seen = new Set<string>()
  let bytes = 0
  let done = 0
  const leaveOut = (name: string, what: string): void => {
    problems.push({
      type: 'problem',
      file: `${file}!${name}`,
      code: 'archive-entry',
      what,
      fix: 'Unpack it yourself if you trust it.',
    })
  }
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry: Entry) => {
      const visit = async (): Promise<void> => {
        throwIfAborted(signal)
        const name = nameOf(entry)
        const mode = (entry.externalFileAttributes >>> 16) & 0o170000
        if (climbs(name)) return leaveOut(name, 'The entry’s name leads out of the archive’s own folder.')
        if (mode === unixLink) return leaveOut(name, 'The entry is a symbolic link.')
        if (seen.has(name)) return leaveOut(name, 'The archive holds this name twice; the first was taken.')
        seen.add(name)
        bytes += entry.uncompressedSize
        const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize)
        if (bytes > limits.maxBytes || (entry.uncompressedSize > ratioFromBytes && ratio > maxRatio)) {
          throw new FoveaError(
            'ARCHIVE_UNSAFE',
            `${file} would unpack to too much (${name}: ${entry.uncompressedSize} bytes from ${entry.compressedSize}).`,
            {
              hint: 'If you trust it, unpack it yourself and import the folder.',
            },
          )
        }
        await take(entry, name, ++done)
      }
      visit().then(() => zip.readEntry(), reject)
    })
    zip.readEntry()
  })
}

/** Names are UTF-8 whether or not the flag says so; other bytes become replacement characters. */
function nameOf(entry: Entry): string {
  return (entry.fileName as unknown as Buffer).toString('utf8').replaceAll('\\', '/')
}

function climbs(name: string): boolean {
  return name.startsWith('/') || /^[a-z]:/i.test(name) || name.includes('\0') || name.split('/').includes('..')
}
