import { FoveaError } from '#base'
import { readScalar } from '../options.ts'
import type { SpecialCommand } from '../program.ts'

export const setCommand: SpecialCommand = {
  configure(command) {
    command
      .argument('[query]', 'Which samples; "" means all')
      .argument('[assignments...]', 'field=value; 12 is a number, true a boolean, null nothing, "12" text')
      .option('--dataset <name>', 'Dataset; may be left out when there is only one')
  },
  async run(session, [query, ...assignments], { dataset }) {
    if (query === undefined || assignments.length === 0) {
      throw new FoveaError('INPUT_INVALID', 'Expected a query and at least one field=value.', {
        hint: 'For example: fovea set \'path ~ "line-3/*"\' split=val',
      })
    }
    const pairs = assignments.map(splitAssignment)
    const outputs: unknown[] = []
    for (const { field, value } of pairs) {
      const output = await session.call('sample.set', {
        query,
        field,
        value,
        ...(dataset === undefined ? {} : { dataset }),
      })
      outputs.push(output)
      if (!session.json) session.show('sample.set', output)
    }
    if (session.json) session.show('sample.set', outputs.length === 1 ? outputs[0] : outputs)
  },
}

function splitAssignment(text: string): { field: string; value: ReturnType<typeof readScalar> } {
  const at = text.indexOf('=')
  if (at > 0) return { field: text.slice(0, at).trim(), value: readScalar(text.slice(at + 1)) }
  throw new FoveaError('INPUT_INVALID', `Expected field=value, got ${JSON.stringify(text)}.`, {
    hint: 'For example: split=val',
  })
}
