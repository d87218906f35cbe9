import { readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** The commit that is checked out in the Git repository a folder lies in; null outside one, and before the first commit. */
export async function readRevision(folder: string): Promise<string | null> {
  const repository = await findRepository(folder)
  if (repository === undefined) return null
  const { own, common } = repository
  let text = (await readText(join(own, 'HEAD')))?.trim()
  // A reference may lead to another; more than a few in a row lead round in a circle.
  for (let step = 0; step < 5 && text !== undefined; step++) {
    if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return text
    const name = /^ref: (refs\/[^\0]+)$/.exec(text)?.[1]
    if (name === undefined || name.split('/').includes('..')) return null
    text =
      (await readText(join(own, name)))?.trim() ??
      (await readText(join(common, name)))?.trim() ??
      findPacked((await readText(join(common, 'packed-refs'))) ?? '', name)
  }
  return null
}

/** `own` holds HEAD, `common` the references; they differ in a linked worktree. See gitrepository-layout(5). */
async function findRepository(folder: string): Promise<{ own: string; common: string } | undefined> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const git = join(at, '.git')
    const facts = await stat(git).catch(() => undefined)
    if (facts !== undefined) {
      const named = facts.isDirectory() ? undefined : /^gitdir: (.+)$/m.exec((await readText(git)) ?? '')?.[1]?.trim()
      if (!facts.isDirectory() && named === undefined) return undefined
      const own = named === undefined ? git : resolve(at, named)
      const common = (await readText(join(own, 'commondir')))?.trim()
      return { own, common: common === undefined ? own : resolve(own, common) }
    }
    if (dirname(at) === at) return undefined
  }
}

function findPacked(text: string, name: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.endsWith(` ${name}`))
    ?.split(' ')[0]
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}
