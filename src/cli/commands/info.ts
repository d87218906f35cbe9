import type { SpecialCommand } from '../program.ts'

export const infoCommand: SpecialCommand = {
  configure: () => {},
  async run(session) {
    const info = await session.call('workspace.info', {})
    session.show('workspace.info', info)
    if (!session.json) session.show('dataset.list', await session.call('dataset.list', {}))
  },
}
