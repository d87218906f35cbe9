import { useRef, type ReactNode } from 'react'
import { writeCsv } from './tables.ts'

interface PlotProps {
  title: string
  /** Rows for the CSV, the first one with names. */
  rows: readonly (readonly (string | number)[])[]
  children: ReactNode
}

/** A plot with its title, and its numbers and picture to take away. The child draws one SVG. */
export function Plot({ title, rows, children }: PlotProps) {
  const figure = useRef<HTMLElement>(null)
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const svgText = (): string | null => {
    const svg = figure.current?.querySelector('svg')
    if (svg === null || svg === undefined) return null
    const copy = svg.cloneNode(true) as SVGSVGElement
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    // Colours of the page's theme are written out: a file has no page around it.
    const style = getComputedStyle(document.documentElement)
    let text = new XMLSerializer().serializeToString(copy)
    for (const variable of ['--accent', '--text', '--quiet', '--line', '--back', '--raised'])
      text = text.replaceAll(`var(${variable})`, style.getPropertyValue(variable).trim() || '#888')
    return text.replaceAll(/light-dark\(([^,]+),[^)]*\)/g, '$1')
  }
  const saveSvg = (): void => {
    const text = svgText()
    if (text !== null) save(new Blob([text], { type: 'image/svg+xml' }), `${name}.svg`)
  }
  const savePng = async (): Promise<void> => {
    const text = svgText()
    if (text === null) return
    const image = new Image()
    image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * 2
    canvas.height = image.naturalHeight * 2
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    URL.revokeObjectURL(image.src)
    canvas.toBlob((blob) => blob !== null && save(blob, `${name}.png`))
  }
  return (
    <figure ref={figure} className="stats-plot">
      <figcaption>
        <h2>{title}</h2>
        <span className="spring" />
        <button type="button" onClick={() => void savePng()}>
          PNG
        </button>
        <button type="button" onClick={saveSvg}>
          SVG
        </button>
        <button type="button" onClick={() => save(new Blob([writeCsv(rows)], { type: 'text/csv' }), `${name}.csv`)}>
          CSV
        </button>
      </figcaption>
      {children}
    </figure>
  )
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
