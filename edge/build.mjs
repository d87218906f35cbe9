// Builds what bundles carry: node edge/build.mjs [folder]. `index.mjs` and `cli.mjs` for Node, `browser.mjs` and a page for browsers.
import { cpSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

const here = import.meta.dirname
const outDir = resolve(process.argv[2] ?? join(here, '../dist/edge'))

/** Only what is used is carried along: rooms are imported whole, and none does anything by being imported. */
const treeshake = { moduleSideEffects: false }
/** Packages are never carried along; what a bundle may import is held against the names it may have. */
const isPackage = (id) => /^(?![#./]|[A-Za-z]:[\\/])/.test(id)

async function buildFor(isNode, entries) {
  await build({
    configFile: false,
    root: here,
    logLevel: 'error',
    resolve: { conditions: ['fovea-source'] },
    ssr: { resolve: { conditions: ['fovea-source'] } },
    build: {
      ...(isNode ? { ssr: true } : {}),
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: false,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(here, file)])),
        external: isPackage,
        treeshake,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-code.mjs' },
      },
    },
  })
}

await buildFor(true, { index: 'node.ts', cli: 'cli.ts' })
await buildFor(false, { browser: 'browser.ts', page: 'page.ts' })
// Files that rooms read beside their code, and nothing here uses.
rmSync(join(outDir, 'assets'), { recursive: true, force: true })
for (const name of ['index.html', 'page.css']) cpSync(join(here, name), join(outDir, name))
