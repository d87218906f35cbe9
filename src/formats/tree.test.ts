import { execFileSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createSourceTree } from './tree.ts'
import { plant, treeOf, withFolder } from './testing.ts'

describe('createSourceTree', () => {
  it('walks a folder once, in code-point order', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'b.jpg': '', 'a/é.jpg': '', 'a/z.jpg': '', '.hidden': '' })
      const tree = await treeOf(folder)
      expect(tree.files.map(({ relative }) => relative)).toEqual(['a/z.jpg', 'a/é.jpg', 'b.jpg'])
      expect(tree.byRelative.get('a/z.jpg')?.path).toBe(join(folder, 'a/z.jpg'))
      expect(tree.file).toBeNull()
    })
  })

  it('takes the folder of an annotation file, but only itself for other files', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'labels.json': '{}', 'a.jpg': '' })
      const annotated = await treeOf(join(folder, 'labels.json'))
      expect([annotated.root, annotated.file, annotated.files.length]).toEqual([folder, join(folder, 'labels.json'), 2])
      expect((await treeOf(join(folder, 'a.jpg'))).files.map(({ relative }) => relative)).toEqual(['a.jpg'])
    })
  })

  it('names what is missing, what is no file, and dead links', async () => {
    await withFolder(async (folder) => {
      await plant(folder, { 'a.jpg': '' })
      await expect(treeOf(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
      await expect(treeOf(join(folder, 'a.jpg', 'inside'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' })
      execFileSync('mkfifo', [join(folder, 'pipe')])
      await expect(treeOf(join(folder, 'pipe'))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
      await symlink(join(folder, 'gone'), join(folder, 'dead'))
      const seen: string[] = []
      await createSourceTree(folder, { signal: new AbortController().signal, onProblem: ({ path }) => seen.push(path) })
      expect(seen).toEqual([join(folder, 'dead')])
    })
  })

  it('stops when told to', async () => {
    await withFolder(async (folder) => {
      await expect(
        createSourceTree(folder, { signal: AbortSignal.abort(), onProblem: () => {} }),
      ).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
})
