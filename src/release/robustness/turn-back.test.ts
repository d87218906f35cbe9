import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { corruptPicture, turnOf } from '#media'
import { turnBack } from './turn-back.ts'

const [widthPx, heightPx] = [120, 80]
const limits = { maxPixels: 1_000_000 }

test('a mask seen on a turned picture comes back to where it lies', async () => {
  const truth = Uint8Array.from({ length: widthPx * heightPx }, (_, i) => {
    const [x, y] = [i % widthPx, Math.floor(i / widthPx)]
    return x >= 70 && x < 100 && y >= 10 && y < 40 ? 1 : 0
  })
  const folder = await mkdtemp(join(tmpdir(), 'fovea-turn-'))
  const file = join(folder, 'square.png')
  try {
    await sharp(
      truth.map((value) => value * 255),
      { raw: { width: widthPx, height: heightPx, channels: 1 } },
    )
      .png()
      .toFile(file)
    const turned = await sharp(await corruptPicture(file, { corruption: 'rotation', severity: 5, seed: 0 }, limits))
      .greyscale()
      .raw()
      .toBuffer()
    const seen = Uint8Array.from(turned, (value) => (value > 127 ? 1 : 0))
    const iou = (data: Uint8Array): number => {
      let [shared, united] = [0, 0]
      data.forEach((value, i) => {
        if (value === 1 && truth[i] === 1) shared++
        if (value === 1 || truth[i] === 1) united++
      })
      return shared / united
    }
    const back = turnBack(
      { widthPx, heightPx, mask: { classes: ['a'], data: seen, scores: [1] } },
      turnOf('rotation', 5),
    )
    expect(iou(seen)).toBeLessThan(0.8)
    expect(iou(back.mask!.data)).toBeGreaterThan(0.93)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('boxes come back by their centre, maps cell by cell; a picture that was not turned is left alone', () => {
  const box = { class: 'a', score: 1, x: 100, y: 35, w: 10, h: 10 }
  const data = new Float32Array(60).fill(1)
  data[9] = 5
  const prediction = {
    widthPx,
    heightPx,
    boxes: [box],
    anomaly: { score: 5, threshold: 2, map: { widthPx: 10, heightPx: 6, data } },
  }
  expect(turnBack(prediction, 0)).toBe(prediction)
  const quarter = turnBack(prediction, 90)
  // On the right of a picture that was turned clockwise lies what was above its centre.
  expect(quarter.boxes![0]!.x).toBeCloseTo(55, 6)
  expect(quarter.boxes![0]!.y).toBeCloseTo(-10, 6)
  expect(Math.max(...turnBack(prediction, 5).anomaly!.map.data)).toBe(5)
})
