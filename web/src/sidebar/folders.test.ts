// @vitest-environment node
import { beforeAll, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { search: '' })
vi.stubGlobal('addEventListener', () => {})
let folders: typeof import('./folders.ts')
beforeAll(async () => {
  folders = await import('./folders.ts')
})

const tree = ['', 'a', 'a/x', 'a/x/y', 'b', 'x'].map((path) => ({
  path,
  depth: path === '' ? 0 : path.split('/').length,
  count: 1,
}))

test('a folder is found by a glob unless the glob would find others', () => {
  const endings = folders.endingsOf(tree)
  expect(folders.folderCondition('a/x', endings)).toBe('path ~ "a/x/**"')
  expect(folders.folderCondition('x', endings)).toBe('(path >= "x/" and path < "x0")')
  expect(folders.folderCondition('what?', endings)).toBe('(path >= "what?/" and path < "what?0")')
})

test('what is below a closed folder is not seen', () => {
  const seen = (...open: string[]): string[] => folders.visibleFolders(tree, new Set(open)).map(({ path }) => path)
  expect(seen()).toEqual(['a', 'b', 'x'])
  expect(seen('a')).toEqual(['a', 'a/x', 'b', 'x'])
  expect(seen('a/x')).toEqual(['a', 'b', 'x'])
  expect(seen('a', 'a/x')).toEqual(['a', 'a/x', 'a/x/y', 'b', 'x'])
})
