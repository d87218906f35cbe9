import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import exifr from 'exifr'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentProgress, walkFiles, type ProgressEvent } from '#base'
import { createSourceTree, detectFormat, readerFor } from '#formats'
import { apportionClasses, tileClasses } from './classes.ts'
import { makeDemoDataset, type DemoSummary } from './dataset.ts'
import {
  contrastAt,
  edgeEnergyOf,
  hashTree,
  meanOf,
  readFaults,
  readGrey,
  withFolder,
  type FaultsFile,
} from './testing.ts'

const make = (to: string, over: Partial<Parameters<typeof makeDemoDataset>[0]> = {}): Promise<DemoSummary> =>
  makeDemoDataset({ to, seed: 7, tiles: 6, progress: silentProgress, ...over })

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

describe('a written demo dataset', () => {
  const tiles = 24
  let root: string
  let folder: string
  let summary: DemoSummary
  let record: FaultsFile
  const events: ProgressEvent[] = []

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'fovea-demo-'))
    folder = join(root, 'deep/tiles')
    summary = await make(folder, { tiles, progress: { report: (event) => events.push(event) } })
    record = await readFaults(folder)
  })
  afterAll(async () => {
    await rm(root, { recursive: true, force: true })
  })

  const filesOf = (kind: string): string[] =>
    record.faults.filter((fault) => fault.kind === kind).map(({ file }) => file)
  const soundFiles = (): string[] => {
    const faulty = new Set(record.faults.map(({ file }) => file))
    return record.surfaces.flat().filter((file) => !faulty.has(file))
  }
  const picture = (file: string): ReturnType<typeof readGrey> => readGrey(join(folder, file))
  const mask = (file: string): ReturnType<typeof readGrey> => readGrey(join(folder, file.replace('.jpg', '.png')))

  it('says what it wrote, in the answer, in faults.json and on the way', async () => {
    const paths = (await walkFiles(folder)).map(({ relative }) => relative)
    const images = paths.filter((path) => path.endsWith('.jpg'))
    const copies = filesOf('near-duplicate').length
    expect(summary).toEqual({
      to: folder,
      images: 3 * tiles + copies,
      masks: 3 * tiles + copies,
      faults: expect.anything(),
    })
    expect(images.toSorted()).toEqual(record.surfaces.flat().toSorted())
    expect(paths.toSorted()).toEqual(
      [...images, ...images.map((path) => path.replace('.jpg', '.png')), 'README.md', 'faults.json'].toSorted(),
    )
    for (const path of images)
      expect(path).toMatch(/^(blowhole|break|crack|fray|free|uneven)\/Imgs\/exp[1-6]_num_\d+\.jpg$/)
    expect(summary.faults).toEqual({ corrupt: 4, 'wrong-class': 4, blurred: 2, dark: 1, 'near-duplicate': 2 })
    for (const [kind, count] of Object.entries(summary.faults)) expect(filesOf(kind)).toHaveLength(count)
    expect(new Set(record.faults.map(({ file }) => file)).size).toBe(record.faults.length)
    expect(record).toMatchObject({ seed: 7, version: 1 })
    expect(events.at(-1)).toEqual({ stage: 'photograph', done: summary.images, total: summary.images, unit: 'images' })
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/generator version 1, seed 7, 24 tiles[^]*CC0/)
  })

  it('is recognised by the import as class folders with mask pairs', async () => {
    const tree = await createSourceTree(folder, {
      signal: new AbortController().signal,
      onProblem: ({ path, what }) => expect.fail(`${path}: ${what}`),
    })
    const { best } = await detectFormat(tree)
    expect(best).toMatchObject({ format: 'masks', layout: 'class folders with mask pairs' })
    const plan = await readerFor('masks').read(tree, { signal: new AbortController().signal })
    expect(plan.classes.map(({ name }) => name)).toEqual(tileClasses)
    expect(plan.total).toBe(summary.images)
    for await (const item of plan.items) expect(item).toMatchObject({ type: 'sample', masks: [{ values: 'binary' }] })
  })

  it('has grey pictures with EXIF, and binary masks of their size', async () => {
    const models = new Set<string>()
    for (const [surface, files] of record.surfaces.entries()) {
      const seen: unknown[] = []
      for (const file of files) {
        const { width, height, pixels } = await mask(file)
        expect(pixels.every((pixel) => pixel === 0 || pixel === 255)).toBe(true)
        if (filesOf('corrupt').includes(file)) continue
        const header = await sharp(join(folder, file)).metadata()
        expect(header).toMatchObject({ format: 'jpeg', channels: 1, width, height })
        expect(width).toBeGreaterThanOrEqual(100)
        expect(Math.max(width, height)).toBeLessThanOrEqual(430)
        const exif = (await exifr.parse(join(folder, file), { gps: true })) as Record<string, unknown>
        expect(exif).toMatchObject({
          ISO: expect.any(Number),
          FNumber: expect.any(Number),
          ExposureTime: expect.any(Number),
        })
        expect(exif['latitude']).toBeCloseTo(51.481, 2)
        expect(exif['longitude']).toBeCloseTo(7.217, 2)
        const taken = exif['DateTimeOriginal'] as Date
        expect(taken.getTime()).toBeGreaterThan(Date.UTC(2024, 0, 8, 4))
        expect(taken.getTime()).toBeLessThan(Date.UTC(2024, 0, 8 + 42))
        seen.push(exif['Model'])
        models.add(exif['Model'] as string)
      }
      expect(new Set(seen).size, `cameras of surface ${surface}`).toBeLessThanOrEqual(1)
    }
    expect(models.size).toBeGreaterThanOrEqual(3)
  })

  it('has masks that cover the defects, and none on free tiles', async () => {
    const differences = new Map<string, number[]>()
    for (const file of soundFiles()) {
      const name = file.split('/')[0]!
      const drawn = await mask(file)
      expect(drawn.pixels.includes(255), file).toBe(name !== 'free')
      if (name === 'free') continue
      const shot = await picture(file)
      const { inside, ring } = contrastAt(shot, drawn)
      if (Number.isNaN(inside)) continue
      differences.set(name, [...(differences.get(name) ?? []), Math.abs(inside - ring) / meanOf(shot)])
    }
    expect([...differences.keys()].toSorted()).toEqual(tileClasses.filter((name) => name !== 'free'))
    for (const [name, values] of differences) expect(median(values), name).toBeGreaterThan(0.08)
  })

  it('blurs what it says is blurred', async () => {
    const sharpEnergy = await Promise.all(soundFiles().map(async (file) => edgeEnergyOf(await picture(file))))
    for (const file of filesOf('blurred')) {
      expect(edgeEnergyOf(await picture(file)), file).toBeLessThan(0.5 * Math.min(...sharpEnergy))
    }
  })

  it('darkens what it says is dark', async () => {
    const sound = await Promise.all(soundFiles().map(async (file) => meanOf(await picture(file))))
    for (const file of filesOf('dark')) {
      const mean = meanOf(await picture(file))
      expect(mean, file).toBeLessThan(Math.min(40, 0.75 * Math.min(...sound)))
      expect(mean, file).toBeGreaterThan(5)
    }
  })

  it('moves files to a wrong folder with their masks, and says the right class', () => {
    for (const { file, truth } of record.faults.filter(({ kind }) => kind === 'wrong-class')) {
      const surface = record.surfaces.find((files) => files.includes(file))!
      const others = surface.filter((other) => !filesOf('wrong-class').includes(other))
      expect(file.split('/')[0]).not.toBe(truth['class'])
      for (const other of others) expect(other.split('/')[0]).toBe(truth['class'])
    }
  })

  it('has four pictures that do not open, each for another reason', async () => {
    const kinds = record.faults.filter(({ kind }) => kind === 'corrupt').map(({ truth }) => String(truth['corruption']))
    expect(kinds.toSorted()).toEqual(['empty', 'header', 'html', 'truncated'])
    for (const file of filesOf('corrupt')) {
      await expect(sharp(join(folder, file), { failOn: 'truncated' }).raw().toBuffer()).rejects.toThrow(
        /Input|unsupported|VipsJpeg|buffer/,
      )
    }
  })

  it('copies near duplicates in the way it says', async () => {
    for (const { file, truth } of record.faults.filter(({ kind }) => kind === 'near-duplicate')) {
      const [copy, original] = [await picture(file), await picture(truth['of'] as string)]
      const crop = truth['way'] === 'cropped' ? 2 : 0
      expect([copy.width, copy.height]).toEqual([original.width - 2 * crop, original.height - 2 * crop])
      let [shift, spread] = [0, 0]
      for (let y = 0; y < copy.height; y++) {
        for (let x = 0; x < copy.width; x++) {
          const by = copy.pixels[y * copy.width + x]! - original.pixels[(y + crop) * original.width + x + crop]!
          shift += by / copy.pixels.length
          spread += by ** 2 / copy.pixels.length
        }
      }
      expect(Math.sqrt(spread - shift ** 2), file).toBeLessThan(6)
      expect(shift, file).toBeCloseTo(truth['way'] === 'brighter' ? 3 : 0, 0)
      expect((await readFile(join(folder, file))).equals(await readFile(join(folder, truth['of'] as string)))).toBe(
        false,
      )
    }
  })
})

describe('apportionClasses', () => {
  it('gives each class its share, and each at least one', () => {
    const countOf = (tiles: number): number[] => {
      const classes = apportionClasses(tiles)
      return tileClasses.map((name) => classes.filter((other) => other === name).length)
    }
    expect(countOf(200)).toEqual([28, 22, 22, 16, 90, 22])
    expect(countOf(6)).toEqual([1, 1, 1, 1, 1, 1])
    for (let tiles = 6; tiles < 60; tiles++) expect(apportionClasses(tiles)).toHaveLength(tiles)
  })
})

describe('makeDemoDataset', () => {
  it('writes the same bytes for the same seed, however it is scheduled, and others for another', async () => {
    await withFolder(async (root) => {
      await make(join(root, 'a'))
      await make(join(root, 'b'), { tilesInFlight: 1 })
      await make(join(root, 'c'), { seed: 8 })
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => hashTree(join(root, name))))
      expect(b).toBe(a)
      expect(c).not.toBe(a)
    })
  })

  it('has every class with six tiles already', async () => {
    await withFolder(async (root) => {
      await make(join(root, 'a'))
      const { surfaces, faults } = await readFaults(join(root, 'a'))
      const misplaced = new Map(faults.map(({ file, truth }) => [file, truth['class']]))
      const classes = surfaces.map((files) => {
        const names = files.map((file) => String(misplaced.get(file) ?? file.split('/')[0]))
        expect(new Set(names).size).toBe(1)
        return names[0]!
      })
      expect(classes.toSorted()).toEqual(tileClasses)
    })
  })

  it('leaves nothing when it is cancelled midway', async () => {
    await withFolder(async (root) => {
      const controller = new AbortController()
      const done: number[] = []
      const made = make(join(root, 'deep/er/tiles'), {
        signal: controller.signal,
        progress: {
          report: (event) => {
            done.push(event.done)
            if (event.done >= 6) controller.abort()
          },
        },
      })
      await expect(made).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(done.length).toBeGreaterThan(1)
      expect(done.at(-1)).toBeLessThan(18)
      expect(await readdir(root)).toEqual([])
    })
  })

  it('does not begin when it is cancelled already', async () => {
    await withFolder(async (root) => {
      await expect(make(join(root, 'x'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(await readdir(root)).toEqual([])
    })
  })

  it('takes an empty folder, and refuses anything else that is there', async () => {
    await withFolder(async (root) => {
      await mkdir(join(root, 'empty'))
      await make(join(root, 'empty'))
      expect((await readdir(join(root, 'empty'))).toSorted()).toEqual(
        [...tileClasses, 'README.md', 'faults.json'].toSorted(),
      )
      await writeFile(join(root, 'file'), 'mine')
      await symlink('nowhere', join(root, 'link'))
      const before = await readdir(root)
      for (const name of ['empty', 'file', 'link']) {
        await expect(make(join(root, name))).rejects.toMatchObject({ code: 'TARGET_EXISTS', hint: expect.any(String) })
      }
      expect(await readdir(root)).toEqual(before)
    })
  })
})
