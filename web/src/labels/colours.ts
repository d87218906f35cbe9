import { useMemo } from 'react'
import { useCall } from '../shell/data.ts'

/** Colours that are told apart on light and dark, also by most who see colours differently (after Okabe & Ito 2008). */
const palette = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8c6bb1',
  '#b8a700',
  '#5f9e6e',
  '#c44e52',
  '#4878d0',
  '#8c613c',
]

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
