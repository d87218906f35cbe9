import { useEffect, useState } from 'react'
import { isApiError, mediaUrl, thumbUrl, type ApiError } from '../api/client.ts'
import { createPictureCache } from './picture-cache.ts'

/** A picture ready to be drawn, or why there is none. */
export type Picture =
  | { kind: 'ready'; image: ImageBitmap; reduced: ImageBitmap | null; bytes: number }
  | { kind: 'failed'; problem: 'missing' | 'corrupt' | 'refused'; error: ApiError }

const reducedPx = 2_048

const reader = (urlOf: (id: number) => string, budgetBytes: number) =>
  createPictureCache<Picture>({
    read: (id, signal) => readPicture(urlOf(id), signal),
    bytesOf: (made) => (made.kind === 'ready' ? made.bytes : 1_000),
    drop: (made) => {
      if (made.kind !== 'ready') return
      made.image.close()
      made.reduced?.close()
    },
    budgetBytes,
  })

const wholes = reader(mediaUrl, 400_000_000)
const thumbs = reader(thumbUrl, 40_000_000)

async function readPicture(url: string, signal: AbortSignal): Promise<Picture> {
  let answer: Response
  try {
    answer = await fetch(url, { signal })
  } catch (error) {
    if (signal.aborted) throw error
    return {
      kind: 'failed',
      problem: 'refused',
      error: { code: 'OFFLINE', message: 'The server does not answer.', hint: 'Start it with: fovea up' },
    }
  }
  if (!answer.ok) {
    const told: unknown = await answer.json().catch(() => null)
    const body: unknown = told !== null && typeof told === 'object' && 'error' in told ? told.error : told
    const error = isApiError(body) ? body : { code: 'INTERNAL', message: `The server answered ${answer.status}.` }
    const problem =
      error.code === 'MEDIA_MISSING' ? 'missing' : error.code === 'MEDIA_UNREADABLE' ? 'corrupt' : 'refused'
    return { kind: 'failed', problem, error }
  }
  const file = await answer.blob()
  try {
    const image = await createImageBitmap(file)
    const reduced = signal.aborted ? null : await reduce(image)
    if (signal.aborted) {
      image.close()
      reduced?.close()
    }
    signal.throwIfAborted()
    const pixels = image.width * image.height + (reduced === null ? 0 : reduced.width * reduced.height)
    return { kind: 'ready', image, reduced, bytes: pixels * 4 }
  } catch (error) {
    if (signal.aborted) throw error
    return {
      kind: 'failed',
      problem: 'corrupt',
      error: {
        code: 'MEDIA_UNREADABLE',
        message: 'The browser cannot decode this file.',
        hint: 'It may have been damaged or cut short since it was imported.',
      },
    }
  }
}

/** A copy at about the size of a screen, so that drawing and moving a large picture costs what a small one does. */
async function reduce(image: ImageBitmap): Promise<ImageBitmap | null> {
  const ratio = reducedPx / Math.max(image.width, image.height)
  if (ratio > 0.7) return null
  return createImageBitmap(image, {
    resizeWidth: Math.max(1, Math.round(image.width * ratio)),
    resizeHeight: Math.max(1, Math.round(image.height * ratio)),
    resizeQuality: 'medium',
  })
}

/** What names a picture: a file that has changed is another picture. */
export const pictureKey = (id: number, md5: string): string => `${id}:${md5}`

/** A sample's thumbnail at once and its picture as soon as it is decoded; a key of null means that the thumbnail stands for it. */
export function usePictures(
  id: number,
  key: string | null,
): { thumb: Picture | null; whole: Picture | null; retry: () => void } {
  const [round, setRound] = useState(0)
  const thumb = useRead(thumbs, id, String(id), round)
  const whole = useRead(wholes, id, key, round)
  const retry = (): void => {
    if (key !== null) wholes.forget(key)
    thumbs.forget(String(id))
    setRound((old) => old + 1)
  }
  return { thumb, whole, retry }
}

function useRead(cache: typeof wholes, id: number, key: string | null, round: number): Picture | null {
  const [, setArrived] = useState(0)
  useEffect(() => {
    if (key === null || cache.peek(key) !== undefined) return
    let isGone = false
    const read = (): void => {
      cache.load(key, id).then(
        () => {
          if (!isGone) setArrived((old) => old + 1)
        },
        // It was not wanted for a moment, but somebody still looks at it.
        () => {
          if (!isGone) read()
        },
      )
    }
    read()
    return () => {
      isGone = true
    }
  }, [cache, id, key, round])
  return key === null ? null : (cache.peek(key) ?? null)
}

/** Says which pictures may be on the screen next, the open one first: only those are read, and they are kept. */
export function wantPictures(wanted: readonly { id: number; key: string | null }[]): void {
  wholes.want(wanted.flatMap(({ key }) => (key === null ? [] : [key])))
  thumbs.want(wanted.map(({ id }) => String(id)))
}

/** Reads and decodes a picture for later. */
export async function preparePicture(id: number, key: string | null): Promise<void> {
  await Promise.allSettled([thumbs.load(String(id), id), ...(key === null ? [] : [wholes.load(key, id)])])
}
