import { resolve } from 'node:path'
import { initWorkspace } from '#app'
import type { SpecialCommand } from '../program.ts'

export const initCommand: SpecialCommand = {
  configure: (command) => void command.argument('[folder]', 'Folder to make the workspace in', '.'),
  async run({ terminal, json, named }, [folder]) {
    const workspace = await initWorkspace(resolve(terminal.cwd, folder ?? named ?? '.'))
    terminal.out(
      json
        ? `${JSON.stringify({ path: workspace.folder })}\n`
        : `Made a workspace in ${workspace.folder}. Next: fovea import FOLDER\n`,
    )
  },
}
