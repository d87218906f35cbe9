import { decompressCounts } from '../../../src/base/geometry/counts.ts'
import { ApiFailure, isApiError } from '../api/client.ts'
import { sampleMask } from '../labels/masks.ts'
import { paletteColour } from '../labels/colours.ts'

interface MaskAnswer {
  /** Rows and columns, px. */
  size: [number, number]
  classes: { class: string; score: number; pixels: number; rle?: { size: [number, number]; counts: string } }[]
}

/** What an endpoint says of a picture, in px of the picture as seen. */
export interface Answer {
  model: string
  version: number
  role: string
  task: string
  width: number
  height: number
  classes?: { class: string; score: number }[]
  values?: Record<string, number>
  boxes?: { class: string; score: number; box: [number, number, number, number] }[]
  mask?: MaskAnswer
  anomaly?: {
    score: number
    threshold: number
    anomalous: boolean
    mask?: MaskAnswer
    /** Grey picture of the scores in base64; `thresholdGrey` is the threshold. */
    map?: { png: string; thresholdGrey: number }
  }
  timing: Record<string, number>
}

export interface Asked {
  answer: Answer
  /** Everything that came, as it came. */
  raw: unknown
  /** From sending to the whole answer, ms. */
  tookMs: number
}

export interface Question {
  endpoint: string
  /** Of what is served; says which options mean something. */
  task: string
  /** Empty for none; sent with this request and kept nowhere. */
  key: string
  top: number
  /** Empty for that of the endpoint. */
  threshold: string
}

/** The number of classes is asked for where they are ranked. */
export const ranksClasses = (task: string): boolean => task === 'classification'
/** Labels are left out below a threshold, or anomalies begin at it. */
export const hasThreshold = (task: string): boolean => !['segmentation', 'regression'].includes(task)
const hasPixels = (task: string): boolean => task === 'segmentation' || task === 'anomaly'

/** `asPng`: the mask itself is the answer, and nothing is asked of how it is written. */
const addressOf = ({ endpoint, task, top, threshold }: Question, asPng = false): string => {
  const options = new URLSearchParams({
    ...(hasPixels(task) && !asPng ? { mask: 'rle' } : {}),
    ...(ranksClasses(task) ? { top: String(top) } : {}),
    ...(hasThreshold(task) && threshold !== '' ? { threshold } : {}),
  })
  return `/v1/endpoints/${encodeURIComponent(endpoint)}/predict${options.size === 0 ? '' : `?${options}`}`
}

/** Sends a picture to an endpoint. Rejects with an ApiError. */
export async function askEndpoint(question: Question, picture: Blob, signal: AbortSignal): Promise<Asked> {
  const begun = performance.now()
  const address = addressOf(question)
  const sent = await fetch(question.task === 'anomaly' ? `${address}&map=png` : address, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/octet-stream',
      ...(question.key === '' ? {} : { 'x-api-key': question.key }),
    },
    body: picture,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new ApiFailure({ code: 'OFFLINE', message: 'The server does not answer.', hint: 'Start it with: fovea up' })
  })
  const raw: unknown = await sent.json().catch(() => null)
  const tookMs = performance.now() - begun
  if (!sent.ok)
    throw new ApiFailure(
      isApiError(raw) ? raw : { code: 'INTERNAL', message: `The server answered ${sent.status} ${sent.statusText}.` },
    )
  const first = (raw as { predictions?: (Answer | { error: unknown })[] } | null)?.predictions?.[0]
  if (first === undefined || 'error' in first)
    throw new ApiFailure({ code: 'INTERNAL', message: 'The server answered without a prediction.' })
  return { answer: first, raw, tookMs }
}

/** The same request for a shell. The key itself is left out. */
export function writeCurl(
  question: Question,
  file: string,
  origin: string,
  { hasKey = false, asPng = false } = {},
): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  return [
    'curl',
    // curl takes quotes, commas and semicolons in names of files for its own, unless the name is in double quotes.
    `-F ${quote(`image=@"${file.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)}`,
    ...(hasKey ? [`-H "X-API-Key: $KEY"`] : []),
    ...(asPng ? [`-H 'Accept: image/png' -o mask.png`] : []),
    quote(`${origin}${addressOf(question, asPng)}`),
  ].join(' ')
}

/** Draws masks and boxes of an answer over its picture; `scale` is px of the board per px of the picture. */
export function drawAnswer(
  context: CanvasRenderingContext2D,
  answer: Answer,
  scale: number,
  { opacity, colourOf }: { opacity: number; colourOf: (name: string, index: number) => string },
): void {
  for (const mask of [answer.mask, answer.anomaly?.mask])
    if (mask !== undefined) drawMask(context, mask, answer, scale, opacity, colourOf)
  const line = Math.max(1.5, context.canvas.width / 400)
  context.lineWidth = line
  context.font = `${line * 7}px system-ui, sans-serif`
  for (const [i, { class: name, score, box }] of (answer.boxes ?? []).entries()) {
    const [x, y, w, h] = box.map((one) => one * scale) as [number, number, number, number]
    const colour = colourOf(name, i)
    context.strokeStyle = colour
    context.strokeRect(x, y, w, h)
    const text = `${name} ${score.toFixed(2)}`
    const width = context.measureText(text).width + line * 4
    const top = Math.max(0, y - line * 9)
    context.fillStyle = '#000c'
    context.fillRect(x, top, width, line * 9)
    context.fillStyle = '#fff'
    context.fillText(text, x + line * 2, top + line * 7)
  }
}

function drawMask(
  context: CanvasRenderingContext2D,
  mask: MaskAnswer,
  { width, height }: Answer,
  scale: number,
  opacity: number,
  colourOf: (name: string, index: number) => string,
): void {
  const [columns, rows] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  const pixels = new Uint8ClampedArray(columns * rows * 4)
  for (const [i, { class: name, rle }] of mask.classes.entries()) {
    if (rle === undefined) continue
    const counts = decompressCounts(rle.counts)
    const inside = sampleMask(
      { type: 'mask', size: rle.size, counts },
      { x: 0, y: 0, w: width, h: height },
      columns,
      rows,
    )
    const colour = Number.parseInt(colourOf(name, i).slice(1), 16)
    for (let at = 0; at < inside.length; at++) {
      if (inside[at] === 0) continue
      pixels[at * 4] = colour >> 16
      pixels[at * 4 + 1] = (colour >> 8) & 255
      pixels[at * 4 + 2] = colour & 255
      pixels[at * 4 + 3] = 255 * opacity
    }
  }
  const board = new OffscreenCanvas(columns, rows)
  board.getContext('2d')!.putImageData(new ImageData(pixels, columns, rows), 0, 0)
  context.drawImage(board, 0, 0)
}

/** The colour of a class: by its place among those of the model, else by its place in the answer. */
export const classColour = (classes: readonly string[]) => (name: string, index: number) => {
  const at = classes.indexOf(name)
  return paletteColour(at === -1 ? index : at)
}
