import { ApiFailure, isApiError } from '../api/client.ts'

/** A file of a folder that was chosen or dropped, with its path in it. */
export interface Chosen {
  file: File
  path: string
}

export interface UploadProgress {
  doneFiles: number
  files: number
  doneBytes: number
  bytes: number
}

export interface Upload {
  name: string
  /** Where its files lie on the server. */
  folder: string
}

const atOnce = 6
const tellEveryMs = 80
/** Smaller files are sent before their progress is of interest. */
const toldFromBytes = 1_000_000

/** Removals on their way: an upload of the same name waits for them. */
let removal: Promise<unknown> = Promise.resolve()

/**
 * Sends files to the server, some at a time. Rejects with an ApiError for the first that is refused, and with the signal's reason; what was
 * sent is removed then.
 */
export async function uploadAll(
  files: readonly Chosen[],
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<Upload> {
  await removal
  signal.throwIfAborted()
  const name = nameUpload(files)
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  const sent = new Map<Chosen, number>()
  let [next, doneFiles, sentBytes, folder, toldAt] = [0, 0, 0, '', -Infinity]
  const report = (chosen: Chosen, loaded: number): void => {
    sentBytes += loaded - (sent.get(chosen) ?? 0)
    sent.set(chosen, loaded)
    const now = performance.now()
    if (now - toldAt < tellEveryMs && doneFiles < files.length) return
    toldAt = now
    onProgress({ doneFiles, files: files.length, doneBytes: sentBytes, bytes })
  }
  const stop = new AbortController()
  const all = AbortSignal.any([signal, stop.signal])
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const chosen = files[next++]!
      all.throwIfAborted()
      folder = await uploadOne(name, chosen, (loaded) => report(chosen, loaded), all)
      doneFiles++
      report(chosen, chosen.file.size)
    }
  }
  const workers = Array.from({ length: atOnce }, work)
  try {
    await Promise.all(workers)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(workers)
    removeUpload(name)
    throw error
  }
  return { name, folder }
}

/** Takes an upload that will not be imported away from the server, which does so itself a day later if this does not reach it. */
export function removeUpload(name: string): void {
  removal = Promise.allSettled([removal, fetch(`/upload/${name}`, { method: 'DELETE', keepalive: true })])
}

/**
 * A name by what the files are called, how large they are and when they were changed: the same folder has the same name each time, so that
 * the import knows what it has. Two hashes by FNV-1a of 32 bits a half (Fowler, Noll, Vo), which is no proof against ill will.
 */
export function nameUpload(files: readonly Chosen[]): string {
  const hashes = [0x811c9dc5, 0x9747b28c, 0x3c6ef372, 0x1b873593]
  for (const { file, path } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const text = `${path}\n${file.size}\n${file.lastModified}\n`
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      for (let i = 0; i < hashes.length; i++) hashes[i] = Math.imul(hashes[i]! ^ (code + i), 0x01000193)
    }
  }
  return hashes.map((hash) => (hash >>> 0).toString(36).padStart(7, '0')).join('')
}

const offline = new ApiFailure({
  code: 'OFFLINE',
  message: 'The connection broke during the upload.',
  hint: 'Look whether the server runs, then try again. Large folders are better imported by their path.',
})

/** By XMLHttpRequest, since fetch does not tell how much was sent. Answers the folder of the upload. */
function uploadOne(
  name: string,
  { file, path }: Chosen,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = (): void => request.abort()
    const place = path.split('/').map(encodeURIComponent).join('/')
    request.open('PUT', `/upload/${name}/${place}?modified=${Math.max(0, file.lastModified)}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    if (file.size >= toldFromBytes)
      request.upload.addEventListener('progress', ({ loaded }) => onSent(Math.min(file.size, loaded)))
    request.addEventListener('load', () => {
      const answer: unknown = request.response
      if (request.status === 201) resolve((answer as { folder: string }).folder)
      else
        reject(
          new ApiFailure(
            isApiError(answer) ? answer : { code: 'INTERNAL', message: `The server answered ${request.status}.` },
          ),
        )
    })
    request.addEventListener('error', () => reject(offline))
    request.addEventListener('abort', () => reject(new DOMException('The upload was cancelled.', 'AbortError')))
    request.addEventListener('loadend', () => signal.removeEventListener('abort', stop))
    signal.addEventListener('abort', stop)
    request.send(file)
  })
}
