import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRevision } from './revision.ts'

const first = 'a'.repeat(40)
const second = 'b'.repeat(40)
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-revision-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(join(root, path, '..'), { recursive: true })
  await writeFile(join(root, path), text)
}

describe('the revision of a folder', () => {
  it('is null outside a repository, and before the first commit', async () => {
    // Folders above the temporary one might be in a repository; a .git file that leads nowhere ends the search.
    await write('.git', 'nonsense')
    expect(await readRevision(root)).toBeNull()
    await rm(join(root, '.git'))
    await write('.git/HEAD', 'ref: refs/heads/main\n')
    expect(await readRevision(root)).toBeNull()
  })

  it('is that of the branch that is checked out, from a folder below too', async () => {
    await write('.git/HEAD', 'ref: refs/heads/main\n')
    await write('.git/refs/heads/main', `${first}\n`)
    await mkdir(join(root, 'deep', 'down'), { recursive: true })
    expect(await readRevision(join(root, 'deep', 'down'))).toBe(first)
  })

  it('is found where Git packs references, and a loose one wins', async () => {
    await write('.git/HEAD', 'ref: refs/heads/feature/x\n')
    await write(
      '.git/packed-refs',
      `# pack-refs with: peeled fully-peeled sorted\n${first} refs/heads/feature/x\n^${second}\n`,
    )
    expect(await readRevision(root)).toBe(first)
    await write('.git/refs/heads/feature/x', `${second}\n`)
    expect(await readRevision(root)).toBe(second)
  })

  it('is HEAD itself when that is detached', async () => {
    await write('.git/HEAD', `${second}\n`)
    expect(await readRevision(root)).toBe(second)
  })

  it('is that of a linked worktree', async () => {
    await write('main/.git/HEAD', 'ref: refs/heads/main\n')
    await write('main/.git/refs/heads/main', `${first}\n`)
    await write('main/.git/refs/heads/side', `${second}\n`)
    await write('main/.git/worktrees/side/HEAD', 'ref: refs/heads/side\n')
    await write('main/.git/worktrees/side/commondir', '../..\n')
    await write('side/.git', `gitdir: ${join(root, 'main/.git/worktrees/side')}\n`)
    expect(await readRevision(join(root, 'side'))).toBe(second)
    expect(await readRevision(join(root, 'main'))).toBe(first)
  })

  it('does not follow references out of the repository or round in a circle', async () => {
    await write('.git/HEAD', 'ref: refs/heads/../../../secret\n')
    await write('secret', first)
    expect(await readRevision(root)).toBeNull()
    await write('.git/HEAD', 'ref: refs/heads/a\n')
    await write('.git/refs/heads/a', 'ref: refs/heads/a\n')
    expect(await readRevision(root)).toBeNull()
  })
})
