// Writes the synthetic catalogue of a million samples to the file named.
import { makeSyntheticCatalog } from './synthetic-catalog.ts'

await makeSyntheticCatalog(process.argv[2]!, { samples: 1_000_000, labelsPerSample: 5 })
