import type { TrainerCommand } from './command/index.ts'
import { onThread } from './thread/train-in-thread.ts'
import type { Trainers } from './trainers.ts'

/** What trainers that run programs need of this machine. */
interface TrainerSettings {
  /** The interpreter that the trainer torch runs. */
  python: string
  /** Programs that the owner of the workspace allows as trainers, by name. */
  commands: Readonly<Record<string, TrainerCommand>>
  /** Absolute; where they run that do not say. */
  cwd: string
  env: Readonly<Record<string, string | undefined>>
}

/** Every trainer that fovea has. */
export function createTrainers({ python, commands, cwd, env }: TrainerSettings): Required<Trainers> {
  return {
    head: async () => onThread('head', (await import('./head/index.ts')).head),
    patchcore: async () => onThread('patchcore', (await import('./patchcore/index.ts')).patchcore),
    torch: async () => (await import('./torch/index.ts')).createTorchTrainer({ python, cwd, env }),
    command: async () => (await import('./command/index.ts')).createCommandTrainer({ commands, cwd, env }),
  }
}
