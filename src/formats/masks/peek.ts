import { readFile, stat } from 'node:fs/promises'
import { decode, type DecodedPng } from 'fast-png'
import type { WalkedFile } from '#base'
import { extensionOf } from '../layout.ts'

/** What the pixel values of some masks say about all of them. */
export interface MaskPeek {
  /** `binary`: foreground and background, whatever the values; `index`: each value is a class; null: none could be read. */
  kind: 'binary' | 'index' | null
  /** Whether colours stand for classes. */
  colour: boolean
  /** For people: `8-bit grey`, `palette`, `16-bit grey`. */
  words: string
}

const masksPeeked = 24
/** Larger files are not worth waiting for. */
const maxBytes = 8 * 1024 ** 2

/**
 * Looks into a few masks, evenly spread. Values 0 and 1 alone, or grey values over the whole range (0/255, smoothed edges),
 * are binary; other small numbers of values, and palettes, are indexes.
 */
export async function peekMasks(masks: readonly WalkedFile[]): Promise<MaskPeek> {
  const step = Math.max(1, masks.length / masksPeeked)
  const values = new Set<number>()
  const words = new Set<string>()
  let spread = false
  let palette = false
  let colour = false
  for (let at = 0; at < masks.length; at += step) {
    const mask = masks[Math.floor(at)]!
    const seen = extensionOf(mask.relative) === '.png' ? await peekPng(mask.path) : null
    if (!seen) continue
    words.add(seen.words)
    palette ||= seen.palette
    colour ||= seen.colour
    if (!seen.palette && coversRange(seen)) spread = true
    for (const value of seen.values) values.add(value)
  }
  if (words.size === 0) return { kind: null, colour: false, words: '' }
  values.delete(0)
  const kind = !colour && ((spread && !palette) || values.size <= 1) ? 'binary' : 'index'
  return { kind, colour, words: [...words].sort().join(' and ') }
}

/** Full foreground alone, or with greys close to it. An index with a void border has 255 too, but no value near it. */
function coversRange({ values, top }: PngPeek): boolean {
  if (!values.has(top)) return false
  const between = [...values].filter((value) => value > 0 && value < top)
  return between.length === 0 ? values.size <= 2 : between.some((value) => value > 0.6 * top)
}

interface PngPeek {
  values: Set<number>
  /** Largest value of the bit depth. */
  top: number
  palette: boolean
  colour: boolean
  words: string
}

async function peekPng(file: string): Promise<PngPeek | null> {
  try {
    if ((await stat(file)).size > maxBytes) return null
    const png = decode(await readFile(file))
    const values = new Set<number>()
    for (let i = 0; i < png.data.length; i += png.channels) values.add(png.data[i]!)
    const palette = png.palette !== undefined
    const words = palette ? 'palette' : `${png.depth}-bit ${png.channels <= 2 ? 'grey' : 'colour'}`
    return { values, top: 2 ** png.depth - 1, palette, colour: hasColour(png), words }
  } catch {
    // A broken mask is reported when it is read; here it only says nothing.
    return null
  }
}

function hasColour({ data, channels }: DecodedPng): boolean {
  if (channels < 3) return false
  for (let i = 0; i < data.length; i += channels) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return true
  return false
}
