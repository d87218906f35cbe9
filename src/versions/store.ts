import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FoveaError, writeFileAtomic } from '#base'
import type { DatasetRef } from '#catalog'
import { canonicalJson, commitSchema, idOf, type Commit, type NamedCommit } from './record.ts'

const refsSchema = z.object({
  format: z.literal(1),
  /** Ids, the first version first. */
  versions: z.array(z.string()),
  tags: z.record(z.string(), z.object({ id: z.string(), at: z.string(), actor: z.string() })),
})
/** What the versions of a dataset are called. */
export type VersionRefs = z.infer<typeof refsSchema>

/** Commits, and the names of them, as files: `commits/<id>.json` and `d<n>/refs.json`. A commit counts from the moment that the latter names it. */
export interface CommitStore {
  /** Of a dataset that has no version yet: none. Throws VERSION_DAMAGED. */
  refs(base: DatasetRef): Promise<VersionRefs>
  saveRefs(base: DatasetRef, refs: VersionRefs): Promise<void>
  /** Throws VERSION_DAMAGED. */
  read(base: DatasetRef, id: string): Promise<NamedCommit>
  /** Answers the id. */
  write(commit: Commit): Promise<string>
  /** Makes an empty folder for a version in the making; what killed ones left is removed. */
  makeRoom(): Promise<string>
}

export function createCommitStore({ folder }: { folder: string }): CommitStore {
  const commits = new Map<string, Commit>()
  const refsFile = (base: DatasetRef): string => join(folder, `d${base.id}`, 'refs.json')
  const commitFile = (id: string): string => join(folder, 'commits', `${id}.json`)

  const refs: CommitStore['refs'] = async (base) => {
    const file = refsFile(base)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return { format: 1, versions: [], tags: {} }
    return parseWhole(file, refsSchema, text)
  }
  const readCommit = async (id: string): Promise<Commit> => {
    const known = commits.get(id)
    if (known !== undefined) return known
    const file = commitFile(id)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw damaged(file, error.code === 'ENOENT' ? 'is gone' : `cannot be read (${error.message})`)
    })
    const found = idOf(text)
    if (found !== id) throw damaged(file, `was changed: expected SHA-256 ${id}, got ${found}`)
    const commit = parseWhole(file, commitSchema, text)
    commits.set(id, commit)
    return commit
  }
  return {
    refs,
    saveRefs: (base, given) => writeFileAtomic(refsFile(base), `${JSON.stringify(given, null, 2)}\n`),
    async read(base, id) {
      const { versions, tags } = await refs(base)
      return {
        id,
        number: versions.indexOf(id) + 1,
        tags: Object.keys(tags)
          .filter((name) => tags[name]!.id === id)
          .toSorted(),
        commit: await readCommit(id),
      }
    },
    async write(commit) {
      const text = canonicalJson(commit)
      const id = idOf(text)
      await writeFileAtomic(commitFile(id), text, { mode: 0o444 })
      return id
    },
    async makeRoom() {
      await mkdir(folder, { recursive: true })
      const left = (await readdir(folder)).filter((name) => name === unfinished)
      for (const name of left) await rm(join(folder, name), { recursive: true, force: true })
      const made = join(folder, unfinished)
      await mkdir(made)
      return made
    },
  }
}

/** Commits are made one after the other, so there is one at most. */
const unfinished = 'unfinished'

function parseWhole<S extends z.ZodType>(file: string, schema: S, text: string): z.output<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw damaged(file, 'is no JSON')
  }
  const { format } = Object(value) as { format?: unknown }
  if (typeof format === 'number' && format > 1)
    throw new FoveaError('WORKSPACE_TOO_NEW', `${file} was written by a newer fovea (format ${format}).`, {
      hint: 'Update fovea.',
    })
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw damaged(file, `does not hold what it should (${parsed.error.issues[0]?.message ?? 'unknown'})`)
}

/** One file of a version is not what it was when it was committed. */
export function damaged(file: string, what: string): FoveaError {
  return new FoveaError('VERSION_DAMAGED', `A version cannot be read: ${file} ${what}.`, {
    hint: 'Put the file back from a backup of the workspace. Versions that do not share it can be read, and the data as it is now is not touched.',
    details: { file },
  })
}
