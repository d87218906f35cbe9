// Enters packages for other platforms in package-lock.json that the registry in use does not carry (a mirror, often).
// npm 11 leaves them out, and its `npm ci` then refuses the lock. Platform facts come from entries with the same ending;
// the version is the exact one asked for; without a checksum, which only the registry knows.
//   node scripts/complete-lock.mjs           adds what is missing
//   node scripts/complete-lock.mjs --check   leaves with 1 when something is missing
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8'))
const { packages } = lock

/** `node_modules/@oxlint/binding-linux-x64-gnu` → `linux-x64-gnu`. */
const platformOf = (name) => /(?:^|[/-])((?:android|darwin|freebsd|linux|openharmony|win32)-.+)$/.exec(name)?.[1]

const known = new Map([['win32-ia32-msvc', { cpu: ['ia32'], os: ['win32'] }]])
for (const [path, { cpu, libc, os }] of Object.entries(packages)) {
  const platform = platformOf(path)
  if (os && platform && !known.has(platform)) known.set(platform, { cpu, libc, os })
}

const added = {}
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const entry = `node_modules/${name}`
    if (packages[entry] || packages[`${path}/${entry}`]) continue
    const facts = known.get(platformOf(name))
    if (!facts) throw new Error(`No entry tells what platform ${name} is for: add it by hand.`)
    added[entry] = { version, cpu: facts.cpu, dev, libc: facts.libc, optional: true, os: facts.os }
  }
}
const missing = Object.keys(added)
if (process.argv.includes('--check')) {
  if (missing.length > 0) {
    console.error(`package-lock.json lacks ${missing.join(', ')}. Run: node scripts/complete-lock.mjs`)
    process.exitCode = 1
  }
} else if (missing.length > 0) {
  const all = Object.entries({ ...packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(all) }, null, 2)}\n`)
}
