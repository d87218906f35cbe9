import { palette } from '../../../src/contract/palette.ts'
import { useMemo } from 'react'
import { useCall } from '../shell/data.ts'

/** The colour of the n-th of some things. */
export const paletteColour = (index: number): string =>
  palette[((index % palette.length) + palette.length) % palette.length]!

/** Colours of a dataset's classes: those of its ontology, else by the order of the classes. */
export function useClassColours(dataset: string | null): (name: string | null) => string {
  const { data } = useCall('ontology.show', dataset === null ? {} : { dataset }, { enabled: dataset !== null })
  return useMemo(() => {
    const colours = new Map((data?.classes ?? []).map(({ name, color }, i) => [name, color ?? paletteColour(i)]))
    return (name) => (name === null ? '#888888' : (colours.get(name) ?? '#888888'))
  }, [data])
}
