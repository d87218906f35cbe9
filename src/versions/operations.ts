import { commitVersion, diffVersions, listVersions, showVersion, tagVersion, untagVersion } from '#contract'
import { formatSampleId, FoveaError, implement, type Operation } from '#base'
import { splitVersionName, type DatasetRef, type StoredVersion } from '#catalog'
import { commitDataset, isSame, tellChanges } from './commit.ts'
import type { VersionDeps } from './deps.ts'
import { findVersion } from './find.ts'
import { summariseCommit, type NamedCommit } from './record.ts'
import { giveTag, refuseTakenTag, takeTag } from './tags.ts'

/** Handlers of versions.*; those that write wait for each other. */
export function createVersionOperations(deps: VersionDeps): Operation[] {
  const { catalog, commits, opener } = deps
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  /** The dataset and the version a reference means, which may name the dataset itself. */
  const locate = async (
    dataset: string | undefined,
    ref: string,
  ): Promise<{ base: DatasetRef; named: NamedCommit }> => {
    const { base, rest } = await baseOf(deps, dataset, ref)
    return { base, named: await commits.read(base, findVersion(base, await commits.refs(base), rest)) }
  }

  return [
    implement(commitVersion, (input, context) =>
      inTurn(async () => commitDataset(deps, await catalog.resolveWritable(input.dataset), input, context)),
    ),
    implement(listVersions, async ({ dataset, limit, offset }) => {
      const bases = dataset === undefined ? await catalog.datasets() : [await catalog.versions.baseOf(dataset)]
      const all: { base: DatasetRef; id: string }[] = []
      for (const base of bases)
        all.push(...(await commits.refs(base)).versions.toReversed().map((id) => ({ base, id })))
      const named = await Promise.all(all.slice(offset, offset + limit).map(({ base, id }) => commits.read(base, id)))
      return { total: all.length, versions: named.map(summariseCommit) }
    }),
    implement(showVersion, async ({ dataset, ref }) => {
      const { base, named } = await locate(dataset, ref)
      const { state } = (await opener.open(base, named)).dictionary
      const { files } = named.commit
      return {
        version: summariseCommit(named),
        classes: state.classes.length,
        layers: state.layers.map(({ name }) => name),
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
        files,
      }
    }),
    implement(tagVersion, ({ dataset, ref, name, move }, { actor }) =>
      inTurn(async () => {
        const { base, named } = await locate(dataset, ref)
        const refs = await commits.refs(base)
        if (!move) refuseTakenTag(base, refs, name, named.id)
        const before = Object.hasOwn(refs.tags, name) ? refs.tags[name]!.id : named.id
        await giveTag(deps, base, named.id, name, actor)
        return {
          version: summariseCommit(await commits.read(base, named.id)),
          moved: before === named.id ? null : `v${refs.versions.indexOf(before) + 1}`,
        }
      }),
    ),
    implement(untagVersion, ({ dataset, name }) =>
      inTurn(async () => {
        refuseVersionAsDataset(dataset)
        const base = await catalog.versions.baseOf(dataset)
        return { version: summariseCommit(await commits.read(base, await takeTag(deps, base, name))) }
      }),
    ),
    implement(diffVersions, async ({ dataset, before: first, after: second, limit }, context) => {
      const before = await locate(dataset, first)
      const after =
        second === undefined
          ? undefined
          : await locate(dataset ?? (second.includes('@') ? undefined : before.base.name), second)
      if (after !== undefined && after.base.id !== before.base.id)
        throw new FoveaError(
          'INPUT_INVALID',
          `Expected two versions of one dataset, got ${before.base.name} and ${after.base.name}.`,
        )
      const side: StoredVersion | DatasetRef =
        after === undefined
          ? await catalog.resolveDataset(before.base.name)
          : await opener.open(after.base, after.named)
      const found = await catalog.versions.compare(await opener.open(before.base, before.named), side, limit, context)
      return {
        dataset: before.base.name,
        before: `v${before.named.number}`,
        after: after === undefined ? null : `v${after.named.number}`,
        same: isSame(found),
        ...tellChanges(found),
        listed: found.listed.map(({ id, ...rest }) => ({ sample: formatSampleId(id), ...rest })),
      }
    }),
  ]
}

/** A reference says which version is meant; a second one in the dataset's place would be passed over. */
function refuseVersionAsDataset(dataset: string | undefined): void {
  const said = dataset === undefined ? undefined : splitVersionName(dataset)
  if (said === undefined) return
  throw new FoveaError('INPUT_INVALID', `Expected the name of a dataset, got the version ${dataset}.`, {
    hint: `Name the dataset (--dataset ${JSON.stringify(said.dataset)}), and the version in its own place.`,
  })
}

/** The dataset that a reference is about, and what is left of it. Throws INPUT_INVALID where two are named. */
async function baseOf(
  { catalog }: VersionDeps,
  dataset: string | undefined,
  ref: string,
): Promise<{ base: DatasetRef; rest: string }> {
  refuseVersionAsDataset(dataset)
  const said = splitVersionName(ref)
  const base = await catalog.versions.baseOf(said?.dataset ?? dataset)
  if (said !== undefined && dataset !== undefined && dataset !== said.dataset)
    throw new FoveaError('INPUT_INVALID', `Expected a version of ${dataset}, got ${ref}.`, {
      hint: 'Leave the part before the @ away, or the dataset.',
    })
  return { base, rest: said?.ref ?? ref }
}
