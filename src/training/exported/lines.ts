import type { Readable } from 'node:stream'

const longestLineChars = 1 << 16

/** Lines of a stream, without their ends; what is longer than 65 536 characters is cut. A slow reader slows the writer. */
export async function* readLines(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = chunk.split(/\r\n|\n|\r/)
    lines[0] = rest + lines[0]!
    rest = lines.pop()!.slice(0, longestLineChars)
    for (const line of lines) yield line.slice(0, longestLineChars)
  }
  if (rest !== '') yield rest
}

/** The last lines of a text that comes line by line; blank ones do not count. */
export function createTail(limit: number): { push: (line: string) => void; lines: () => string[] } {
  const kept: string[] = []
  return {
    push(line) {
      if (line.trim() === '') return
      kept.push(line.slice(0, 500))
      if (kept.length > limit) kept.shift()
    },
    lines: () => [...kept],
  }
}
