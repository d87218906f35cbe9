import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const rooms: string[] = JSON.parse(read('layers.json')).layers.flat()
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].concat(
  readdirSync(join(root, 'docs'))
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
)

describe('rooms', () => {
  it.each(rooms)('%s opens with up to ten lines on what it owns', (room) => {
    const lines = read(`src/${room}/index.ts`).split('\n')
    const opening = lines.findIndex((line) => !line.startsWith('//'))
    expect(opening).toBeGreaterThanOrEqual(2)
    expect(opening).toBeLessThanOrEqual(10)
    expect(lines[0]).toMatch(new RegExp(`^// ${room}: `))
  })

  it('are all told of in ARCHITECTURE.md', () => {
    const page = read('ARCHITECTURE.md')
    expect(rooms.filter((room) => !page.includes(`\`${room}\``))).toEqual([])
  })
})

describe('source files', () => {
  it('stay below 500 lines', () => {
    const long = sources
      .map((path) => [path, read(`src/${path}`).split('\n').length] as const)
      .filter(([, lines]) => lines > 500)
    expect(long).toEqual([])
  })

  it('are named after what they hold', () => {
    const vague = /(^|[/._-])(utils?|helpers?|managers?|misc|common|stuff)([/._-]|$)/
    expect(sources.filter((path) => vague.test(path))).toEqual([])
    expect(sources.filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([])
  })

  it('lie in a room', () => {
    expect(sources.filter((path) => !rooms.includes(path.split('/')[0]!))).toEqual([])
  })
})

describe.each(pages)('%s', (page) => {
  const text = read(page)

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it('links only to files and headings that exist', () => {
    const slug = (heading: string): string =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^[a-z]+:/.test(link))
    const broken = links.filter((link) => {
      const [path, anchor] = link.split('#')
      const target = path === '' ? join(root, page) : resolve(root, dirname(page), path!)
      if (!existsSync(target)) return true
      if (anchor === undefined) return false
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1]!))
      return !headings.includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

it('lint messages point at chapters of ARCHITECTURE.md that exist', () => {
  const chapters = [...read('scripts/lint-plugin.mjs').matchAll(/See ARCHITECTURE\.md, "([^"]+)"/g)].map(
    (match) => match[1]!,
  )
  expect(chapters.length).toBeGreaterThanOrEqual(2)
  for (const chapter of chapters) expect(read('ARCHITECTURE.md')).toContain(`\n## ${chapter}\n`)
})

it('the pages name only commands that the command line has', () => {
  const args = ['--conditions=fovea-source', '--import', 'tsx', join(root, 'src/cli/main.ts'), '--help']
  const help = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).stdout
  const commands = [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1]!)
  const inRooms = /Rooms: (.+?)\n\n/s.exec(help)![1]!.split(/,\s+/)
  const code = pages.flatMap((page) => [...read(page).matchAll(/```[^\n]*\n(.*?)```|`([^`\n]+)`/gs)])
  const named = code.flatMap(([, block, inline]) =>
    [...(block ?? inline)!.matchAll(/^(?:\$ )?fovea ([a-z]+)/gm)].map((match) => match[1]!),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !commands.includes(name) && !inRooms.includes(name))).toEqual([])
})

it('package-lock.json names the packages of every platform', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/complete-lock.mjs'), '--check'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
