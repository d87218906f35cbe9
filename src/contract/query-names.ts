/** A sentence to stand beside a query that does not name all that a check found; null where it does. */
export function describeQueryNames({
  queryNames,
  unit,
}: {
  queryNames?: { named: number; of: number } | undefined
  unit: string
}): string | null {
  if (queryNames === undefined) return null
  const [named, of] = [queryNames.named, queryNames.of].map((count) => count.toLocaleString('en'))
  const whole = unit === 'samples' ? '' : 'the samples of '
  return `The query names ${whole}only ${named} of the ${of} ${unit} found.`
}
