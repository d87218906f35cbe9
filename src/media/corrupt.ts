import sharp from 'sharp'
import { createRng } from '#base'
import type { ReadLimits } from './types.ts'

/** What a picture is done to; by how much, see `strengths`. */
export type CorruptionName = 'noise' | 'blur' | 'brightness' | 'jpeg' | 'rotation'

/**
 * Strength by severity 1 to 5. Noise, brightness and JPEG quality are those of ImageNet-C (Hendrycks and Dietterich 2019, `make_imagenet_c.py`);
 * blur is a Gaussian whose σ is a share of the shorter side, so that pictures of every size lose as much; rotation is ours.
 */
const strengths: Readonly<Record<CorruptionName, readonly [number, number, number, number, number]>> = {
  /** σ of Gaussian noise, as a share of the full range. */
  noise: [0.08, 0.12, 0.18, 0.26, 0.38],
  /** σ ÷ shorter side; at least 0.6 px, less leaves every value as it is. */
  blur: [1 / 224, 2 / 224, 3 / 224, 4 / 224, 6 / 224],
  /** Added to every channel, as a share of the full range. */
  brightness: [0.1, 0.2, 0.3, 0.4, 0.5],
  /** Quality. */
  jpeg: [25, 18, 15, 10, 7],
  /** Degrees, clockwise. */
  rotation: [2, 4, 6, 8, 10],
}

/** Degrees clockwise that a corruption turns a picture by; 0 for those that leave every pixel in its place. */
export function turnOf(corruption: CorruptionName, severity: number): number {
  return corruption === 'rotation' ? strengths.rotation[severity - 1]! : 0
}

/**
 * A picture made worse, as the bytes of a PNG (of a JPEG for `jpeg`), upright and of its own size. The same seed gives the same noise.
 * Severity is a whole number from 1 to 5. Throws what sharp throws for a file that is no picture: examine it before.
 */
export async function corruptPicture(
  file: string,
  options: { corruption: CorruptionName; severity: number; seed: number },
  limits: ReadLimits,
): Promise<Uint8Array> {
  const strength = strengths[options.corruption][options.severity - 1]!
  const upright = sharp(file, { limitInputPixels: limits.maxPixels }).autoOrient().flatten()
  if (options.corruption === 'jpeg') return upright.jpeg({ quality: strength }).toBuffer()
  const { data, info } = await upright.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  switch (options.corruption) {
    case 'noise':
      addNoise(data, strength * 255, options.seed)
      break
    case 'brightness':
      for (let i = 0; i < data.length; i++) data[i] = Math.min(255, data[i]! + strength * 255)
      break
    case 'blur':
      return sharp(data, { raw })
        .blur(Math.max(0.6, strength * Math.min(info.width, info.height)))
        .png()
        .toBuffer()
    case 'rotation':
      return turn(data, raw, strength)
  }
  return sharp(data, { raw }).png().toBuffer()
}

function addNoise(data: Uint8Array, sigma: number, seed: number): void {
  const rng = createRng(seed)
  for (let i = 0; i < data.length; i++)
    data[i] = Math.max(0, Math.min(255, Math.round(data[i]! + rng.normal(0, sigma))))
}

/** Turned about its centre; what comes in at the corners is the picture mirrored at its edge. */
async function turn(
  data: Uint8Array,
  raw: { width: number; height: number; channels: 1 | 2 | 3 | 4 },
  degrees: number,
): Promise<Uint8Array> {
  const pad = Math.ceil(0.1 * Math.max(raw.width, raw.height))
  const padded = await sharp(data, { raw })
    .extend({ top: pad, bottom: pad, left: pad, right: pad, extendWith: 'mirror' })
    .png()
    .toBuffer()
  const turned = await sharp(padded).rotate(degrees).png().toBuffer({ resolveWithObject: true })
  return sharp(turned.data)
    .extract({
      left: Math.floor((turned.info.width - raw.width) / 2),
      top: Math.floor((turned.info.height - raw.height) / 2),
      width: raw.width,
      height: raw.height,
    })
    .png()
    .toBuffer()
}
