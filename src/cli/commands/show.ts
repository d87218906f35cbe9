import type { SpecialCommand } from '../program.ts'

export const showCommand: SpecialCommand = {
  configure: (command) =>
    void command
      .argument('[name]', 'Sample (s_12) or dataset; the only dataset when left out')
      .option('--dataset <name>', 'With a sample: version (tiles@v3) to see it in'),
  async run(session, [name], { dataset }) {
    const operation = name !== undefined && /^s_\d+$/.test(name) ? 'sample.show' : 'dataset.show'
    const asked = name ?? dataset
    const input =
      operation === 'sample.show'
        ? { sample: name, ...(dataset === undefined ? {} : { dataset }) }
        : asked === undefined
          ? {}
          : { dataset: asked }
    session.show(operation, await session.call(operation, input))
  },
}
