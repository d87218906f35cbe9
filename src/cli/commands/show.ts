import type { SpecialCommand } from '../program.ts'

export const showCommand: SpecialCommand = {
  configure: (command) => void command.argument('[name]', 'Sample (s_12) or dataset; the only dataset when left out'),
  async run(session, [name]) {
    const operation = name !== undefined && /^s_\d+$/.test(name) ? 'sample.show' : 'dataset.show'
    const input = operation === 'sample.show' ? { sample: name } : name === undefined ? {} : { dataset: name }
    session.show(operation, await session.call(operation, input))
  },
}
