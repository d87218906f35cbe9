import type { Planes } from '#media'
import type { ModelCard } from '../card.ts'

type CardInput = ModelCard['input']

/** For each channel of the network: which of RGB it takes, and the number that stands for each of 256 levels. */
export function planChannels(input: CardInput): { from: number; levels: Float32Array }[] {
  const tables = new Map<string, Float32Array>()
  return [0, 1, 2].map((channel) => {
    const [mean, std] = [input.mean[channel]!, input.std[channel]!]
    const key = `${mean}/${std}`
    const levels =
      tables.get(key) ?? Float32Array.from({ length: 256 }, (_, level) => (level * input.scale - mean) / std)
    tables.set(key, levels)
    return { from: input.channels === 'rgb' ? channel : 2 - channel, levels }
  })
}

/** 0…255 in planes to the numbers and the order that the network takes. */
export function fillInput(
  layout: CardInput['layout'],
  channels: ReturnType<typeof planChannels>,
  picture: Planes,
  into: Float32Array,
): void {
  const pixels = picture.data.length / picture.channels
  channels.forEach(({ from, levels }, channel) => {
    const source = picture.channels === 1 ? picture.data : picture.data.subarray(from * pixels, (from + 1) * pixels)
    if (layout === 'nhwc') for (let i = 0, at = channel; i < pixels; i++, at += 3) into[at] = levels[source[i]!]!
    else if (channel > 0 && picture.channels === 1 && levels === channels[0]!.levels)
      into.copyWithin(channel * pixels, 0, pixels)
    else mapLevels(source, levels, into.subarray(channel * pixels, (channel + 1) * pixels))
  })
}

function mapLevels(source: Uint8Array, levels: Float32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = levels[source[i]!]!
}
