// demo: the demo dataset, computed from a seed: ground tiles with defects, masks, EXIF and planted faults.
// It owns the looks of the tiles and the record of faults; it refuses the catalogue: what it writes is imported like any folder.
// Start with dataset.ts (what is written), then surface.ts and defects/ (how a tile looks).
export { createDemoOperations } from './operations.ts'
