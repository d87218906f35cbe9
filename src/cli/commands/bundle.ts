import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'

/** Packs a model so that it runs by itself. */
export const bundleCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[model]', 'NAME, NAME@ALIAS or NAME:VERSION')
    addFlags(command, session.specs.get('bundle.make')!)
    command.addHelpText(
      'after',
      '\nWithout --to, the folder stands here and is called after the model and the target.\nTry a bundle out: fovea bundle verify FOLDER [--key KEY]',
    )
  },
  async run(session, [model], options) {
    const { target = 'onnx', to } = options as Record<string, string | undefined>
    const folder = to ?? (model === undefined ? undefined : `${model.replaceAll(/[^\w.-]/g, '-')}-${target}`)
    const spec = session.specs.get('bundle.make')!
    const input = await readFlags(
      spec,
      { ...options, ...(folder === undefined ? {} : { to: folder }) },
      { model },
      session.terminal,
    )
    session.show('bundle.make', await session.call('bundle.make', input))
  },
}
