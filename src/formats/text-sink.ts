import { createReadStream } from 'node:fs'
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const flushChars = 256 * 1024

/** A text file written piece by piece; holds at most about 256 kB and no open file between pieces. */
export interface TextSink {
  write(text: string): Promise<void>
  /** Moves the content of another sink's file to the end of this one. */
  absorb(other: TextSink): Promise<void>
  /** Writes what is held. */
  close(): Promise<void>
  readonly path: string
}

/** The file is made at the first piece, or at the close. */
export function createTextSink(path: string): TextSink {
  let held: string[] = []
  let heldChars = 0
  let made = false
  const flush = async (): Promise<void> => {
    if (!made) await mkdir(dirname(path), { recursive: true })
    made = true
    const text = held.join('')
    held = []
    heldChars = 0
    await appendFile(path, text)
  }
  return {
    path,
    async write(text) {
      held.push(text)
      heldChars += text.length
      if (heldChars >= flushChars) await flush()
    },
    async absorb(other) {
      await other.close()
      await flush()
      for await (const chunk of createReadStream(other.path)) await appendFile(path, chunk as Buffer)
      await rm(other.path)
    },
    close: flush,
  }
}
