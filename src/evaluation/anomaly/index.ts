/** Figures of anomaly detection, as plain functions: of pictures by their scores, of pixels pooled over pictures. */
export { createPixelPool, type PixelAnomalyFigures } from './pixels.ts'
export { measureRanked, rankScores } from './ranked.ts'
