// node cli.mjs verify | predict FILE…: a bundle from the command line. What is wrong is said in one line, and leaves with 1.
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { describePrediction, openBundle } from './node.ts'

const usage = `node cli.mjs verify [--key KEY]
node cli.mjs predict FILE… [--masks FOLDER] [--key KEY]
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' }, masks: { type: 'string' }, help: { type: 'boolean' } },
  })
  const [verb, ...files] = positionals
  if (values.help === true || (verb !== 'verify' && (verb !== 'predict' || files.length === 0))) {
    process.stderr.write(usage)
    return values.help === true ? 0 : 1
  }
  const bundle = await openBundle(import.meta.dirname, values.key === undefined ? {} : { key: values.key })
  try {
    if (verb === 'verify') {
      const golden = await bundle.verify()
      process.stdout.write(
        `${bundle.manifest.model}: signed by ${bundle.key}, ${bundle.manifest.files.length} files and ${golden} golden pictures as recorded\n`,
      )
      return 0
    }
    if (values.masks !== undefined) await mkdir(values.masks, { recursive: true })
    let failed = 0
    for (const file of files) {
      try {
        const prediction = await bundle.predict(file)
        process.stdout.write(`${JSON.stringify({ file, ...describePrediction(prediction) })}\n`)
        const { mask, widthPx: width, heightPx: height } = prediction
        if (values.masks !== undefined && mask !== undefined)
          await writeFile(
            join(values.masks, `${basename(file, extname(file))}.png`),
            await sharp(mask.data, { raw: { width, height, channels: 1 } })
              .toColourspace('b-w')
              .png()
              .toBuffer(),
          )
      } catch (error) {
        failed++
        process.stderr.write(`${(error as Error).message}\n`)
      }
    }
    return failed === 0 ? 0 : 1
  } finally {
    await bundle.close()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
