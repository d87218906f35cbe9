/** Figures of anomaly detection, as plain functions: of pictures by their scores, of pixels pooled over pictures. */
export { createPixelPool, type PixelAnomalyFigures, type PixelPool, type ScoredPicture } from './pixels.ts'
export { measureRanked, rankScores, type RankedFigures } from './ranked.ts'
