import type { Database } from '../database.ts'
import { findBase } from '../datasets.ts'
import { compareStates } from './compare.ts'
import { literal } from './layout.ts'
import { splitVersionName, type VersionShelf } from './shelf.ts'
import type { VersionPort } from './types.ts'
import { writeState } from './write.ts'

/** What the room of versions asks; the shelf answers for what is read of them. */
export function createVersionPort({ db, shelf }: { db: Database; shelf: VersionShelf }): VersionPort {
  return {
    use: (source) => shelf.use(source),
    baseOf: (name) => findBase(db, name === undefined ? undefined : (splitVersionName(name)?.dataset ?? name)),
    has: (dataset, ref) => shelf.has(dataset.version?.base ?? dataset, ref),
    write: (dataset, folder, work) => writeState(db, dataset, folder, work),
    picturesIn: (file) =>
      db.rows(
        `SELECT md5, list(source ORDER BY id) AS sources FROM read_parquet(${literal(file)}) GROUP BY md5 ORDER BY min(id)`,
      ),
    compare: (before, after, limit, work) => compareStates(db, before, after, limit, work),
  }
}
