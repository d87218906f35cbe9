import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '#contract'
import { runCaptured } from '../support/cli.ts'

const root = resolve(import.meta.dirname, '../..')

describe.each(['README.md', 'docs/models.md', 'docs/vectors.md', 'docs/query-language.md'])('%s', (page) => {
  it('names flags that the commands have', async () => {
    const text = await readFile(join(root, page), 'utf8')
    const commands = [...text.matchAll(/fovea ((?:[a-z][a-z-]* ){1,2})([^`\n|]*)/g)].filter(([, , rest]) =>
      rest!.includes('--'),
    )
    const wrong: string[] = []
    for (const [command, words, rest] of commands) {
      const { out } = await runCaptured([...words!.trim().split(' '), '--help'], { cwd: root })
      for (const [flag] of rest!.matchAll(/--[a-z][a-z-]*/g))
        if (!['--json', '--yes', '--help'].includes(flag) && !out.includes(`${flag} `)) wrong.push(command)
    }
    expect(wrong).toEqual([])
  })

  it('names codes of errors that exist', async () => {
    const text = await readFile(join(root, page), 'utf8')
    const codes = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code!)
    expect(codes.filter((code) => !Object.hasOwn(errorCatalogue, code) && !code.startsWith('FOVEA_'))).toEqual([])
  })
})
