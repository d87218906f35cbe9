import { FoveaError } from '#base'
import { isRegion, type Learnable } from './collect.ts'

const usualNames = /(^|[\s_-])(good|normal|ok|free)$/i

/**
 * How samples are marked by whether they show what should not be there: all but those of the class `normal`; without that name, all but those
 * of a class called good, normal, ok or free; without such a class, those with a region. Throws CLASS_NOT_FOUND.
 */
export function planMarks(
  samples: readonly Learnable[],
  normal: string | undefined,
): { mark: (one: Learnable) => Learnable; said: string } {
  const classes = [...new Set(samples.flatMap(({ example }) => (example.class === null ? [] : [example.class])))]
  if (normal !== undefined && !classes.includes(normal))
    throw new FoveaError('CLASS_NOT_FOUND', `No sample of the data has the class ${normal} alone.`, {
      hint: `Name the class of what is as it should be; there are ${classes.toSorted().join(', ') || 'none'}.`,
    })
  const names = normal === undefined ? classes.filter((name) => usualNames.test(name)) : [normal]
  const isAnomalous = ({ example }: Learnable): boolean =>
    names.length > 0
      ? !(example.class !== null && names.includes(example.class))
      : example.labels.some((label) => isRegion(label) || label.kind === 'box')
  return {
    mark: (one) => ({ ...one, example: { ...one.example, isAnomalous: isAnomalous(one) } }),
    said: names.length > 0 ? `of class ${names.join(', ')}` : 'without a region',
  }
}
