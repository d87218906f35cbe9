// The house's own lint rules. Their options per room are written by scripts/layers.mjs from layers.json.
import { dirname, join, relative, resolve, sep } from 'node:path'

const chapter = 'See ARCHITECTURE.md, "Rooms and direction".'

/**
 * What is wrong with an import, or undefined when it is lawful.
 * Options: `room` ('' outside src), `rooms` (all), `may` (rooms it may import), `siblings` (on its own line),
 * `external` (packages it may import; absent: any).
 */
function judgeImport(source, filename, cwd, { room, rooms, may, siblings, external }) {
  if (source.startsWith('.')) {
    const target = relative(join(cwd, 'src'), resolve(dirname(filename), source)).split(sep)[0]
    if (target === room || !rooms.includes(target)) return undefined
    // Stories across rooms may use what a room makes for its own tests.
    if (room === '' && source.endsWith('/testing.ts')) return undefined
    return `'${source}' leads into another room. Write '#${target}', and export from src/${target}/index.ts what is missing there. ${chapter}`
  }
  if (source.startsWith('#')) {
    const [target, ...deeper] = source.slice(1).split('/')
    if (!rooms.includes(target)) {
      return `'${source}' is no room of layers.json. A new room gets a line there, before its first import. ${chapter}`
    }
    if (target === room) return `Inside ${room} import by relative path ('./…'), not '${source}'. ${chapter}`
    if (deeper.length > 0) {
      return `'${source}' reaches into a room. Write '#${target}', and export from src/${target}/index.ts what is missing there. ${chapter}`
    }
    if (may.includes(target)) return undefined
    if (siblings.includes(target)) {
      return `${room} may not import ${target}: they stand on one line of layers.json and are not declared siblings. Move what both need to an earlier room, or declare the pair under "siblings". ${chapter}`
    }
    return `${room} may not import ${target}: ${target} stands on a later line of layers.json. Take what is needed as a parameter (createX({ … })), or move the code to the later room. ${chapter}`
  }
  if (external === undefined || external.includes(source)) return undefined
  return `${room} may import ${external.join(', ')} only, got '${source}'. What needs more belongs to base or a later room. ${chapter}`
}

/** Rooms load the runtime of networks in one way, which keeps it from reporting to its maker; types and tests may name it. */
function judgeRuntime(node, filename, { room }) {
  const isLoaded = node.type === 'ImportExpression' || node.importKind !== 'type'
  if (node.source.value !== 'onnxruntime-node' || !isLoaded) return undefined
  if (room === '' || room === 'base' || filename.endsWith('.test.ts')) return undefined
  return `Load 'onnxruntime-node' with loadOnnxRuntime() of #base: it reports what it runs to its maker unless told not to. ${chapter}`
}

const imports = {
  meta: { schema: [{ type: 'object' }] },
  create(context) {
    const checkRuntime = (node) => {
      const message = judgeRuntime(node, context.filename, context.options[0])
      if (message !== undefined) context.report({ node: node.source, message })
    }
    const check = (node) => {
      const source = node?.type === 'Literal' ? node.value : undefined
      if (typeof source !== 'string') return
      const message = judgeImport(source, context.filename, context.cwd, context.options[0])
      if (message !== undefined) context.report({ node, message })
    }
    return {
      ImportDeclaration: (node) => {
        check(node.source)
        checkRuntime(node)
      },
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => {
        check(node.source)
        checkRuntime(node)
      },
      TSImportType: (node) => check(node.source),
    }
  },
}

const clock = 'Take a Clock from #base as a parameter and call clock.now(), or clock.monotonic() for durations.'
const settings = 'app parses the configuration once: take the setting as a parameter.'
const report = 'Report through the Progress or Logger of #base that the caller passes in.'
const banned = {
  'Date.now': clock,
  'performance.now': clock,
  'process.hrtime': clock,
  'process.env': settings,
  'Math.random': 'Take an Rng from #base as a parameter, or make one with createRng(seed).',
  'process.stdout': report,
  'process.stderr': report,
}

/** Keeps time, chance, environment and terminal out of the rooms that promise to depend on their input alone. */
const pure = {
  create(context) {
    const refuse = (node, what, instead) => {
      context.report({
        node,
        message: `${what} is for app, server, cli and base alone. ${instead} See ARCHITECTURE.md, "Time, chance and settings".`,
      })
    }
    const checkMember = (node, object, property) => {
      const name = `${object}.${property}`
      if (object === 'console') refuse(node, name, report)
      else if (Object.hasOwn(banned, name)) refuse(node, name, banned[name])
    }
    return {
      MemberExpression(node) {
        if (node.object.type !== 'Identifier') return
        const property = node.computed ? node.property.value : node.property.name
        if (typeof property === 'string') checkMember(node, node.object.name, property)
      },
      VariableDeclarator(node) {
        if (node.id.type !== 'ObjectPattern' || node.init?.type !== 'Identifier') return
        for (const property of node.id.properties) {
          if (property.key?.type === 'Identifier') checkMember(property, node.init.name, property.key.name)
        }
      },
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) {
          refuse(node, 'new Date() without a time', clock)
        }
      },
      ImportDeclaration(node) {
        if (/^(node:)?process$/.test(node.source.value)) refuse(node, 'process', settings)
        if (/^(node:)?console$/.test(node.source.value)) refuse(node, 'console', report)
      },
    }
  },
}

export default { meta: { name: 'house' }, rules: { imports, pure } }
