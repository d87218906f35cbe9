// vectors: embedding spaces and what is made of them: neighbours, maps, clusters, duplicates, outliers, choices, explanations,
// splits. It refuses to decode pictures (models does) and to write but through the catalogue's door and its own folder of spaces.
// Start with spaces/view.ts (what of a space counts now), then operations/; numeric work is plain functions on matrices (types.ts)
// that run on threads of their own (engine/).
export { createVectorRoom, type Classifier, type MapPoints, type VectorRoom } from './operations.ts'
