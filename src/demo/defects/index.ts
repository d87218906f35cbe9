import type { Rng } from '#base'
import type { TileClass } from '../classes.ts'
import type { Surface } from '../surface.ts'
import { addBlowholes } from './blowhole.ts'
import { addBreak } from './break.ts'
import { addCrack } from './crack.ts'
import { addFray } from './fray.ts'
import { addUneven } from './uneven.ts'

const painters: Record<TileClass, (surface: Surface, rng: Rng) => void> = {
  blowhole: addBlowholes,
  break: addBreak,
  crack: addCrack,
  fray: addFray,
  free: () => {},
  uneven: addUneven,
}

/** Works the defect of a class into a surface, in place; `free` leaves it as it is. */
export function addDefect(surface: Surface, tileClass: TileClass, rng: Rng): void {
  painters[tileClass](surface, rng)
}
