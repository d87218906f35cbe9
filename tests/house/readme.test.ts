import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCaptured } from '../support/cli.ts'

const page = await readFile(resolve(import.meta.dirname, '../../README.md'), 'utf8')
// All of README's sessions, one after the other in the same folder.
const sessions = [...page.matchAll(/```console\n(.*?)```/gs)].map(([, session]) => session!)
const steps = sessions
  .flatMap((session) => session.split(/^\$ /m).slice(1))
  .map((step) => {
    const [command, ...answer] = step.trimEnd().split('\n')
    return { command: command!, answer: answer.join('\n') }
  })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-readme-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Times differ from run to run. */
const withoutTimes = (text: string): string =>
  text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<when>').replaceAll(/in \d+(\.\d+)? s\b/g, 'in <time>')

/** What a person sees, without progress, with the folder as README has it. */
async function runAsTyped(command: string): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => (quoted ?? plain)!)
  expect(words.shift()).toBe('fovea')
  let seen = ''
  const write = (text: string): void => {
    seen += text
  }
  const { code } = await runCaptured(words, { cwd: folder, out: write, err: write })
  expect(code, seen).toBe(0)
  return seen
    .replaceAll(folder, '/home/ada/photos')
    .split('\n')
    .filter((line) => !/^\w+ +[\d,]+ \/ [\d,]+ /.test(line))
    .map((line) => line.trimEnd())
    .join('\n')
    .trim()
}

it('README has sessions', () => {
  expect(sessions.length).toBeGreaterThan(1)
  expect(steps.length).toBeGreaterThan(10)
})

it.each(steps)('$command answers as README says', async ({ command, answer }) => {
  expect(withoutTimes(await runAsTyped(command))).toBe(withoutTimes(answer).trim())
})
