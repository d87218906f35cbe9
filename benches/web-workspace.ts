// Makes the workspace of the bench of the page, in the folder named, with as many samples as said and five labels a sample.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { initWorkspace } from '#app'
import { createRng } from '#base'
import { makeSyntheticCatalog, pictureSize, sizeRound, type SyntheticPicture } from './synthetic-catalog.ts'

/** So many files stand for all samples. */
const pictureCount = 10 * sizeRound

/** Clouds of colour: some kilobytes each, all of them different. */
async function writePictures(folder: string): Promise<SyntheticPicture[]> {
  const rng = createRng('web')
  const pictures: SyntheticPicture[] = []
  for (let n = 0; n < pictureCount; n++) {
    const grain = Buffer.from(Array.from({ length: 12 * 8 * 3 }, () => rng.integer(0, 255)))
    const bytes = await sharp(grain, { raw: { width: 12, height: 8, channels: 3 } })
      .resize({ ...pictureSize(n), fit: 'fill', kernel: 'cubic' })
      .jpeg()
      .toBuffer()
    const file = join(folder, `${n}.jpg`)
    await writeFile(file, bytes)
    pictures.push({ file, md5: createHash('md5').update(bytes).digest('hex'), bytes: bytes.length })
  }
  return pictures
}

const [folder, samples] = process.argv.slice(2)
const pictureFolder = join(folder!, 'pictures')
await mkdir(pictureFolder)
const workspace = await initWorkspace(join(folder!, 'workspace'))
await makeSyntheticCatalog(workspace.catalogFile, {
  samples: Number(samples),
  labelsPerSample: 5,
  pictures: await writePictures(pictureFolder),
})
