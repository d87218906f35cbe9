import type { Rng } from '#base'
import { smoothStep } from '../noise.ts'
import type { Surface } from '../surface.ts'
import { visitAround } from './outline.ts'

interface Walk {
  x: number
  y: number
  /** Radians; 0 is to the right, π/2 down. */
  heading: number
  lengthPx: number
  /** Turn a px, for cracks that run round a corner. */
  bend: number
  /** Half width at the start; it tapers. */
  widthPx: number
  dark: number
}

/** A thin jagged dark line that starts at a rim: straight into the tile, or around a corner; sometimes it forks. */
export function addCrack(surface: Surface, rng: Rng): void {
  const { tile } = surface
  const tall = tile.bottom - tile.top
  const wide = tile.right - tile.left
  const base = { widthPx: rng.uniform(0.75, 1.7), dark: rng.uniform(0.45, 0.8) }
  const down = rng.next() < 0.5
  if (rng.next() < 0.68) {
    const walk: Walk = {
      ...base,
      x: tile.left + wide * rng.uniform(0.15, 0.85),
      y: down ? tile.top + 1 : tile.bottom - 1,
      heading: (down ? 1 : -1) * (Math.PI / 2) + rng.normal(0, 0.18),
      lengthPx: tall * rng.uniform(0.18, 0.5),
      bend: rng.normal(0, 0.002),
    }
    const end = walkCrack(surface, walk, rng)
    if (rng.next() < 0.35) {
      const fork = {
        ...walk,
        ...end,
        widthPx: base.widthPx * 0.7,
        bend: 0,
        lengthPx: walk.lengthPx * rng.uniform(0.15, 0.4),
      }
      walkCrack(surface, { ...fork, heading: end.heading + rng.pick([-1, 1]) * rng.uniform(0.4, 0.9) }, rng)
    }
    return
  }
  const fromLeft = rng.next() < 0.5
  const radius = rng.uniform(0.18, 0.32) * Math.min(tall, 1.5 * wide)
  walkCrack(
    surface,
    {
      ...base,
      x: fromLeft ? tile.left + 2 : tile.right - 2,
      y: down ? tile.top + radius : tile.bottom - radius,
      heading: (fromLeft ? 0 : Math.PI) + rng.normal(0, 0.15),
      lengthPx: radius * rng.uniform(1.2, 1.6),
      bend: ((fromLeft === down ? -1 : 1) * rng.uniform(0.9, 1.3)) / radius,
    },
    rng,
  )
}

/** Draws one branch and says where, on its way, a fork may leave it. */
function walkCrack(surface: Surface, walk: Walk, rng: Rng): { x: number; y: number; heading: number } {
  const { width, height, shade, grain, cover } = surface
  let { x, y, heading } = walk
  let wander = 0
  let strength = 1
  const forkAt = rng.uniform(0.3, 0.7) * walk.lengthPx
  let fork = { x, y, heading }
  const stepPx = 0.8
  const nearest = new Map<number, { distance: number; dark: number }>()
  for (let gone = 0; gone < walk.lengthPx; gone += stepPx) {
    const left = 1 - gone / walk.lengthPx
    heading += walk.bend * stepPx
    wander = 0.9 * wander + rng.normal(0, 0.13)
    if (rng.next() < 0.07) wander += rng.normal(0, 0.65)
    strength = Math.min(1.15, Math.max(0.55, strength + rng.normal(0, 0.06)))
    x += Math.cos(heading + wander) * stepPx
    y += Math.sin(heading + wander) * stepPx
    if (x < 0 || y < 0 || x >= width || y >= height) break
    if (gone < forkAt) fork = { x, y, heading }
    const half = walk.widthPx * (0.45 + 0.55 * Math.sqrt(left))
    const dark = walk.dark * strength * Math.min(1, 0.35 + 2.5 * left)
    visitAround(surface, { x, y, reachX: 4, reachY: 4 }, (i, px, py) => {
      const distance = Math.hypot(px - x, py - y) / half
      const known = nearest.get(i)
      if (!known || distance < known.distance) nearest.set(i, { distance, dark })
    })
  }
  for (const [i, { distance, dark }] of nearest) {
    const line = Math.exp(-(distance ** 2.4))
    shade[i]! *= 1 - dark * line + 0.05 * Math.exp(-((distance - 2.2) ** 2))
    grain[i]! *= 1 - 0.7 * line
    cover[i] = Math.max(cover[i]!, 1 - smoothStep(1.1, 2.1, distance))
  }
  return fork
}
