import { cameras } from './cameras.ts'
import { tileClasses } from './classes.ts'
import { exposuresPerTile } from './plan.ts'

/** Counts the looks of what is generated: the same version and seed give the same bytes. */
export const generatorVersion = 1

/** The text that explains a written folder to whoever finds it. */
export function describeDemo(made: {
  seed: number
  tiles: number
  images: number
  faults: Record<string, number>
}): string {
  const biased = cameras.filter(({ gain }) => gain !== 1)
  return `# Demo tiles

${made.images} photographs of ${made.tiles} ground ceramic tiles, ${exposuresPerTile} exposures each, every one with a pixel mask of its defect.
All of it is computed: no tile, camera or factory here exists. Looks and layout follow the magnetic-tile defect set of
Huang, Qiu, Guo and Yuan, "Surface defect saliency of magnetic tile" (2018).

- Made by: fovea, generator version ${generatorVersion}, seed ${made.seed}, ${made.tiles} tiles. The same three give the same files again.
- Licence: CC0 1.0 (https://creativecommons.org/publicdomain/zero/1.0/): do with it what you like.
- Classes: ${tileClasses.join(', ')}; one folder each, \`<class>/Imgs/exp<exposure>_num_<number>.jpg\`, the mask beside it as \`.png\` (255: defect).
- EXIF: ${cameras.length} cameras, exposure, time (six weeks, two shifts) and place.
${biased.map(({ make, model, gain }) => `- ${make} ${model} sees everything ${Math.round((gain - 1) * 100)} % brighter than the others.\n`).join('')}
## Planted faults

\`faults.json\` names each file with a fault, what was done to it and the truth: ${Object.entries(made.faults)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')}.
Its \`surfaces\` says which files show the same tile: put those on one side of a split, or results look better than they are.

Import it with: fovea import <this folder>
`
}
