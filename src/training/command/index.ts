import { closest } from 'fastest-levenshtein'
import { z } from 'zod'
import { FoveaError } from '#base'
import { runTrainer } from '../exported/run-trainer.ts'
import type { Trainer } from '../types.ts'

/** A program that the owner of the workspace allows as a trainer. */
export interface TrainerCommand {
  /** Program and arguments; the path of `job.json` comes after them. */
  run: readonly string[]
  /** Absolute; where it runs, unless in the folder of all. */
  cwd?: string | undefined
}

interface CommandTrainerDeps {
  /** By name, from `[training.commands]` of the configuration: nobody else can name a program. */
  commands: Readonly<Record<string, TrainerCommand>>
  /** Absolute; where commands run that do not say. */
  cwd: string
  /** fovea's own environment; little of it is passed on. */
  env: Readonly<Record<string, string | undefined>>
  /** From being asked to end to being ended; ten seconds where left out. */
  graceMs?: number
}

const params = z
  .object({
    command: z.string().min(1).describe('Name of a command of [training.commands] in .fovea/config.toml'),
    timeoutMinutes: z.number().min(0).default(0).describe('It is ended after so long; 0: never'),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()]))

/** A trainer that runs a program of the owner's on an exported job (docs/trainers.md). All its other parameters are passed on. */
export function createCommandTrainer({ commands, cwd, env, graceMs = 10_000 }: CommandTrainerDeps): Trainer {
  return {
    name: 'command',
    title: 'A program of your own, in any language',
    tasks: ['classification', 'multilabel', 'regression', 'segmentation', 'anomaly'],
    params,
    async train(job) {
      const { command: name, timeoutMinutes } = params.parse(job.params)
      const command = Object.hasOwn(commands, name) ? commands[name]! : undefined
      const [program, ...rest] = command?.run ?? []
      if (command === undefined || program === undefined) throw notAllowed(name, Object.keys(commands))
      return runTrainer(job, {
        title: `The command ${name}`,
        argv: (jobFile) => [program, ...rest, jobFile],
        cwd: command.cwd ?? cwd,
        env,
        timeoutMinutes,
        graceMs,
      })
    },
  }
}

function notAllowed(name: string, known: readonly string[]): FoveaError {
  return new FoveaError('INPUT_INVALID', `Expected the name of a configured command, got ${JSON.stringify(name)}.`, {
    hint:
      known.length === 0
        ? 'Programs run only when .fovea/config.toml allows them: [training.commands] then name = ["program", "argument"].'
        : `Did you mean ${closest(name, known)}? Configured: ${known.join(', ')}.`,
    details: { known },
  })
}
