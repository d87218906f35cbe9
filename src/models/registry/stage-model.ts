import { copyFile, mkdir, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FoveaError, resolveInside, walkFiles, type MayReach } from '#base'
import { readTaskCard } from '../tasks/card.ts'

/** Brings what is to be registered into an empty folder, as it is registered. Throws as the registry does, and PATH_OUTSIDE. */
export async function stageModel(
  from: { path: string; card?: string | undefined },
  to: string,
  mayReach: MayReach | undefined,
): Promise<void> {
  const facts = await stat(from.path).catch((cause: unknown) => {
    throw new FoveaError('SOURCE_NOT_FOUND', `There is no file or folder ${from.path}.`, {
      hint: 'Give a folder with card.toml and the network it names, or an .onnx file with --card.',
      cause,
    })
  })
  const { path } = from
  const card = from.card ?? (facts.isDirectory() ? join(path, 'card.toml') : undefined)
  if (card === undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected a card beside the network: what it takes and answers.', {
      hint: `fovea models register ${basename(path)} --card card.toml; docs/registry.md shows a card.`,
    })
  const copy = async (file: string, name: string): Promise<void> => {
    // What a link leads to is what would be read.
    if (mayReach !== undefined && !(await mayReach(await realpath(file).catch(() => file))))
      throw new FoveaError('PATH_OUTSIDE', `The file ${file} is not one that you may read.`, {
        hint: 'Put the files into the workspace folder themselves, without links.',
      })
    const target = resolveInside(to, name)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(file, target)
  }
  if (facts.isDirectory()) {
    for (const file of await walkFiles(path)) await copy(file.path, file.relative)
    if (from.card !== undefined) await copy(card, 'card.toml')
    return
  }
  await copy(card, 'card.toml')
  const said = await readTaskCard(card)
  await copy(path, said.weights)
  // Weights too large for one file lie beside it, under names the network itself gives.
  const beside = await readdir(dirname(path))
  for (const name of beside.filter((one) => [`${basename(path)}.data`, `${basename(path)}_data`].includes(one)))
    await copy(join(dirname(path), name), name)
  if ('classes' in said.output) {
    const classes = resolveInside(dirname(card), said.output.classes)
    if (await isFile(classes)) await copy(classes, said.output.classes)
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  )
}
