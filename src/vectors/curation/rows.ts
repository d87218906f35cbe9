import { FoveaError } from '#base'

/** Throws INPUT_INVALID unless the budget is a number of samples. */
export function requireBudget(budget: number): void {
  if (!Number.isInteger(budget) || budget < 0)
    throw new FoveaError('INPUT_INVALID', `Expected a budget of 0 or more samples, got ${budget}.`)
}

/** 1 for every one of `some`, 0 for the rest of `rows`. Throws INPUT_INVALID for a row that does not exist. */
export function markRows(some: Int32Array, rows: number): Uint8Array {
  const marks = new Uint8Array(rows)
  for (const row of some) {
    if (row < 0 || row >= rows)
      throw new FoveaError('INPUT_INVALID', `Expected rows from 0 to ${rows - 1} to start from, got ${row}.`)
    marks[row] = 1
  }
  return marks
}
