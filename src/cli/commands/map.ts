import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'

/** Makes or extends the map, then shows it: its points with --json, else a summary. */
export const mapCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[query]', 'Only the points of the samples this matches; all when left out')
    addFlags(command, session.specs.get('spaces.map')!)
    command.addHelpText('after', '\nWith --json it prints one point a sample.')
  },
  async run(session, [query], options) {
    const input = await readFlags(session.specs.get('spaces.map')!, options, {}, session.terminal)
    const made = await session.call('spaces.map', input)
    if (!session.json) return session.show('spaces.map', made)
    const { dataset, space, method } = input
    const scope = Object.fromEntries(
      Object.entries({ dataset, space, method: method ?? 'umap', query }).filter(([, value]) => value !== undefined),
    )
    const { points } = (await session.call('spaces.points', scope)) as { points: unknown[] }
    session.show('spaces.points', { ...(made as object), points })
  },
}
