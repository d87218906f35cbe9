import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listSpecs } from '#app'
import { errorCatalogue } from '#contract'
import { roomNames, shortCommands } from '../../src/cli/help.ts'
import { describeFlags } from '../../src/cli/options.ts'
import { cardSchema, readCard } from '../../src/models/card.ts'
import { hubKinds } from '../../src/models/hub-kinds.ts'

const root = resolve(import.meta.dirname, '../..')
const pages = ['README.md', 'docs/models.md', 'docs/vectors.md', 'docs/query-language.md'] as const
const read = (page: string): Promise<string> => readFile(join(root, page), 'utf8')
const specs = listSpecs()
/** Flags of every command, and of the commands with code of their own. */
const everywhere = ['json', 'yes', 'help', 'workspace']
const ownFlags = ['count', 'paths', 'csv', 'to', 'format', 'dry-run', 'tiles', 'fields', 'folder', 'port']

function operationOf(words: readonly string[]): string | undefined {
  const [first = '', second = ''] = words
  const verb = second === 'rm' ? 'remove' : second
  return specs.has(`${first}.${verb}`)
    ? `${first}.${verb}`
    : first === 'map'
      ? 'spaces.map'
      : shortCommands.find(({ name }) => name === first)?.operation
}

describe.each(pages)('%s', (page) => {
  it('names commands, flags and codes that exist', async () => {
    const text = await read(page)
    const commands = [...text.matchAll(/fovea ([a-z-]+(?: [^`\n|#]*)?)/g)].map(([, words]) => words!)
    const wrong = commands.flatMap((words) => {
      const [name] = words.split(' ')
      const id = operationOf(words.split(' '))
      const inputs = id === undefined ? [] : describeFlags(specs.get(id)!).map(({ key }) => key)
      const flags = inputs.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
      const known = new Set([...everywhere, ...ownFlags, ...flags])
      const unknown = [...words.matchAll(/ --([a-z-]+)/g)].filter(([, flag]) => !known.has(flag!))
      const isCommand =
        shortCommands.some((command) => command.name === name) || roomNames.some((room) => room === name)
      return isCommand ? unknown.map(([flag]) => `${words}:${flag}`) : words.includes(' --') ? [words] : []
    })
    expect(wrong).toEqual([])
    const codes = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code!)
    expect(codes.filter((code) => !(code in errorCatalogue))).toEqual([])
  })
})

describe('docs/models.md', () => {
  it('shows a card that is valid', async () => {
    const [, card] = /```toml\n(.*?)```/s.exec(await read('docs/models.md'))!
    const folder = await mkdtemp(join(tmpdir(), 'fovea-card-'))
    try {
      await writeFile(join(folder, 'card.toml'), card!)
      expect(await readCard(join(folder, 'card.toml'))).toMatchObject({ output: { dimensions: 512 } })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('has every key of a card, and every type of the hub', async () => {
    const text = await read('docs/models.md')
    const table = text.slice(text.indexOf('| key | is |'), text.indexOf('## Models of the Hugging Face hub'))
    const schema = z.toJSONSchema(cardSchema, { io: 'input' }) as {
      properties: Record<string, { properties?: Record<string, unknown> }>
    }
    const keys = Object.entries(schema.properties).flatMap(([key, { properties }]) =>
      properties === undefined ? [key] : Object.keys(properties).map((inner) => `${key}.${inner}`),
    )
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.filter((key) => !table.includes(`\`${key}\``))).toEqual([])
    expect(Object.keys(hubKinds).filter((type) => !text.includes(`\`${type}\``))).toEqual([])
  })
})
