import type { Catalog, DatasetRef } from '#catalog'
import { suggestName } from '../suites/names.ts'
import { suiteError } from '../suites/source.ts'
import type { Suite } from '../suites/types.ts'

/**
 * The dataset a suite runs on: the one named, else the only one it is for, else the only one of the workspace.
 * Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS, and SUITE_INVALID for a dataset the suite is not for.
 */
export async function chooseDataset(
  catalog: Catalog,
  file: string,
  suite: Suite,
  name: string | undefined,
): Promise<DatasetRef> {
  const only = suite.datasets.length === 1 ? suite.datasets[0] : undefined
  const dataset = await catalog.resolveDataset(name ?? only)
  if (suite.datasets.length === 0 || suite.datasets.includes(dataset.version?.base.name ?? dataset.name)) return dataset
  throw suiteError(file, [
    {
      ...suite.at,
      message: `The suite ${suite.name} is for ${suite.datasets.join(', ')}, not for ${dataset.name}.`,
      hint: suggestName(dataset.name, suite.datasets),
    },
  ])
}
