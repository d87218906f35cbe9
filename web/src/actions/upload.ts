import { isApiError, type ApiError } from '../api/client.ts'

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

const atOnce = 4

/**
 * Sends files to the server, some at a time, and answers the folder they lie in there. Rejects with an ApiError for the first that is
 * refused, and with the signal's reason.
 */
export async function uploadAll(
  files: readonly Chosen[],
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<string> {
  const name = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(36).padStart(2, '0'),
  ).join('')
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  const sent = new Map<Chosen, number>()
  let [next, doneFiles, sentBytes, folder] = [0, 0, 0, '']
  const report = (chosen: Chosen, loaded: number): void => {
    sentBytes += loaded - (sent.get(chosen) ?? 0)
    sent.set(chosen, loaded)
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
  try {
    await Promise.all(Array.from({ length: atOnce }, work))
  } catch (error) {
    stop.abort(error)
    throw error
  }
  return folder
}

const offline: ApiError = {
  code: 'OFFLINE',
  message: 'The connection broke during the upload.',
  hint: 'Look whether the server runs, then try again. Large folders are better imported by their path.',
}

/** By XMLHttpRequest, since fetch does not tell how much was sent. Answers the folder of the upload. */
function uploadOne(
  name: string,
  { file, path }: Chosen,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `/upload/${name}/${path.split('/').map(encodeURIComponent).join('/')}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.responseType = 'json'
    request.upload.addEventListener('progress', ({ loaded }) => onSent(Math.min(file.size, loaded)))
    request.addEventListener('load', () => {
      const answer: unknown = request.response
      if (request.status === 201) resolve((answer as { folder: string }).folder)
      else reject(isApiError(answer) ? answer : { code: 'INTERNAL', message: `The server answered ${request.status}.` })
    })
    request.addEventListener('error', () => reject(offline))
    request.addEventListener('abort', () => reject(signal.reason))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
