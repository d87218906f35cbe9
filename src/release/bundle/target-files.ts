import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FoveaError } from '#base'
import type { BundleTarget } from '#contract'

export interface BundleFile {
  name: string
  bytes: Uint8Array
}

/** Built from `edge/`: what bundles carry beside the model. */
export const builtRuntime = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/edge/' : '../../edge/', import.meta.url),
)
const packageFile = fileURLToPath(new URL('../../../package.json', import.meta.url))
const script = fileURLToPath(new URL('./script/', import.meta.url))

/** Parts of the WebAssembly build of ONNX Runtime that run on the processor. */
const webRuntime = ['ort.wasm.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']

/** Files of a target that are the same for every model, but for its name. Throws INTERNAL where the program was not built. */
export async function readTargetFiles(target: BundleTarget, model: string, runtime: string): Promise<BundleFile[]> {
  const own = async (folder: string, names: readonly string[]): Promise<BundleFile[]> =>
    Promise.all(names.map(async (name) => ({ name, bytes: await readPart(join(folder, name)) })))
  if (target === 'onnx') return own(script, ['verify.py'])
  if (target === 'node')
    return [...(await own(runtime, ['index.mjs', 'node-code.mjs', 'cli.mjs'])), await writePackage(model)]
  const ort = createRequire(import.meta.url).resolve('onnxruntime-web')
  return [
    ...(await own(runtime, ['index.html', 'page.css', 'page.mjs', 'browser.mjs', 'browser-code.mjs'])),
    ...(await own(dirname(ort), webRuntime)).map(({ name, bytes }) => ({ name: `ort/${name}`, bytes })),
  ]
}

async function readPart(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new FoveaError('INTERNAL', `A part of bundles is missing: ${file}.`, {
      hint: 'Build the program: npm run build',
      cause: error,
    })
  }
}

/** `npm ci && npm test` in the bundle tries it out. */
async function writePackage(model: string): Promise<BundleFile> {
  const { dependencies, engines } = JSON.parse(await readFile(packageFile, 'utf8')) as {
    dependencies: Record<string, string>
    engines?: Record<string, string>
  }
  const needed = ['onnxruntime-node', 'sharp']
  const text = JSON.stringify(
    {
      name: `fovea-bundle-${model.replace(/:.*/, '')}`,
      version: `${model.replace(/^.*:/, '')}.0.0`,
      private: true,
      type: 'module',
      main: 'index.mjs',
      ...(engines === undefined ? {} : { engines }),
      scripts: { test: 'node cli.mjs verify' },
      dependencies: Object.fromEntries(needed.map((name) => [name, dependencies[name]])),
    },
    null,
    2,
  )
  return { name: 'package.json', bytes: Buffer.from(`${text}\n`) }
}
