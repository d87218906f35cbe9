import fc from 'fast-check'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compareCodePoints, pathExists, resolveInside, walkFiles, writeFileAtomic, type WalkProblem } from './files.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-files-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

async function plant(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), path)
  }
}

describe('compareCodePoints', () => {
  it('orders as the sequences of code points do', () => {
    const byCodePoint = (a: string, b: string): number => {
      const [x, y] = [a, b].map((text) => Array.from(text, (character) => character.codePointAt(0)!))
      for (let i = 0; i < Math.min(x!.length, y!.length); i++) if (x![i] !== y![i]) return x![i]! - y![i]!
      return x!.length - y!.length
    }
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '~', 'é', '\ud7ff', '\ue000', '\ufffd', '\uffff', '😀', '𐀀', '\u{10ffff}'),
    })
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), text, (a, b) => {
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(byCodePoint(a, b)))
      }),
      { numRuns: 1000 },
    )
  })

  it('puts an emoji after a full-width letter, where UTF-16 order does not', () => {
    expect(['😀', 'ａ', 'z'].sort(compareCodePoints)).toEqual(['z', 'ａ', '😀'])
    expect(['😀', 'ａ', 'z'].sort()).toEqual(['z', '😀', 'ａ'])
  })
})

describe('resolveInside', () => {
  it.each([
    ['a.jpg', '/data/a.jpg'],
    ['a/../b.jpg', '/data/b.jpg'],
    ['./a//b.jpg', '/data/a/b.jpg'],
    ['..a/b.jpg', '/data/..a/b.jpg'],
    ['...', '/data/...'],
    ['/data/a.jpg', '/data/a.jpg'],
    ['', '/data'],
  ])('takes %j', (path, expected) => {
    expect(resolveInside('/data', path)).toBe(expected)
  })

  it.each(['..', '../x', 'a/../../x', '/etc/passwd', '/data-other/x', '../data-other', 'a\0.jpg'])(
    'refuses %j',
    (path) => {
      expect(() => resolveInside('/data', path)).toThrow(expect.objectContaining({ code: 'PATH_OUTSIDE' }))
    },
  )

  it('answers a path below the root or throws, whatever it is given', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', '...', '/'), fc.string())
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        try {
          expect(`${resolveInside('/data/set', parts.join('/'))}/`).toMatch(/^\/data\/set\//)
        } catch (error) {
          expect(error).toMatchObject({ code: 'PATH_OUTSIDE' })
        }
      }),
    )
  })
})

describe('writeFileAtomic', () => {
  it('makes the folder, replaces the content and leaves nothing else', async () => {
    const path = join(folder, 'a/b/config.toml')
    await writeFileAtomic(path, 'one')
    await writeFileAtomic(path, new Uint8Array([116, 119, 111]))
    expect(await readFile(path, 'utf8')).toBe('two')
    expect(await readdir(join(folder, 'a/b'))).toEqual(['config.toml'])
  })

  it('keeps the old content and leaves nothing behind when writing fails', async () => {
    await mkdir(join(folder, 'target'))
    await writeFile(join(folder, 'target/kept'), 'old')
    await expect(writeFileAtomic(join(folder, 'target'), 'new')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/)
    expect(await readdir(folder)).toEqual(['target'])
    expect(await readFile(join(folder, 'target/kept'), 'utf8')).toBe('old')
  })

  it('shows a reader whole contents only, while many write', async () => {
    const path = join(folder, 'state.json')
    const contents = Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(50_000))
    await writeFileAtomic(path, contents[0]!)
    let writing = true
    const written = Promise.all(contents.map((content) => writeFileAtomic(path, content))).finally(() => {
      writing = false
    })
    while (writing) expect(contents).toContain(await readFile(path, 'utf8'))
    await written
    expect(await readdir(folder)).toEqual(['state.json'])
  })
})

describe('walkFiles', () => {
  async function walk(root = folder): Promise<{ files: string[]; problems: WalkProblem[] }> {
    const problems: WalkProblem[] = []
    const files = await walkFiles(root, { onProblem: (problem) => problems.push(problem) })
    return { files: files.map((file) => file.relative), problems }
  }

  it('lists files below a folder in code-point order, without hidden ones', async () => {
    await plant('b.jpg', 'a/z.jpg', 'a.jpg', 'a/ａ.jpg', 'a/😀.jpg', 'A.jpg', '.hidden', '.git/config', 'a/.DS_Store')
    expect(await walk()).toEqual({
      files: ['A.jpg', 'a.jpg', 'a/z.jpg', 'a/ａ.jpg', 'a/😀.jpg', 'b.jpg'],
      problems: [],
    })
  })

  it('gives paths that open', async () => {
    await plant('a/b.jpg')
    const [file] = await walkFiles(folder)
    expect(await readFile(file!.path, 'utf8')).toBe('a/b.jpg')
  })

  it('follows links to files and folders', async () => {
    await plant('real/x.jpg')
    await symlink(join(folder, 'real'), join(folder, 'linked'))
    await symlink('real/x.jpg', join(folder, 'y.jpg'))
    expect(await walk()).toEqual({ files: ['linked/x.jpg', 'real/x.jpg', 'y.jpg'], problems: [] })
  })

  it('reports a link back to a folder that contains it, and goes on', async () => {
    await plant('a/x.jpg', 'b.jpg')
    await symlink('..', join(folder, 'a/up'))
    const { files, problems } = await walk()
    expect(files).toEqual(['a/x.jpg', 'b.jpg'])
    expect(problems).toEqual([{ path: join(folder, 'a/up'), what: expect.stringMatching(/back to a folder/) }])
  })

  it('ends when two folders link to each other', async () => {
    await plant('a/x.jpg', 'b/y.jpg')
    await symlink('../b', join(folder, 'a/to-b'))
    await symlink('../a', join(folder, 'b/to-a'))
    const { files, problems } = await walk()
    expect(files).toEqual(['a/to-b/y.jpg', 'a/x.jpg', 'b/to-a/x.jpg', 'b/y.jpg'])
    expect(problems).toHaveLength(2)
  })

  it('reports links that lead nowhere or to themselves', async () => {
    await plant('x.jpg')
    await symlink('missing.jpg', join(folder, 'dangling.jpg'))
    await symlink('self.jpg', join(folder, 'self.jpg'))
    const { files, problems } = await walk()
    expect(files).toEqual(['x.jpg'])
    expect(problems.map((problem) => problem.path)).toEqual([join(folder, 'dangling.jpg'), join(folder, 'self.jpg')])
  })

  it.skipIf(process.getuid?.() === 0)('reports a folder it may not read, and goes on', async () => {
    await plant('closed/x.jpg', 'y.jpg')
    await chmod(join(folder, 'closed'), 0o000)
    const { files, problems } = await walk()
    await chmod(join(folder, 'closed'), 0o700)
    expect(files).toEqual(['y.jpg'])
    expect(problems).toMatchObject([{ path: join(folder, 'closed') }])
  })

  it('reports a root that is missing or a file', async () => {
    await plant('x.jpg')
    for (const root of [join(folder, 'none'), join(folder, 'x.jpg')]) {
      expect(await walk(root)).toMatchObject({ files: [], problems: [{ path: root }] })
    }
  })

  it('stops when cancelled', async () => {
    await plant('a/x.jpg')
    await expect(walkFiles(folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('knows whether a path exists', async () => {
    await plant('x.jpg')
    expect([await pathExists(join(folder, 'x.jpg')), await pathExists(join(folder, 'y.jpg'))]).toEqual([true, false])
  })
})
