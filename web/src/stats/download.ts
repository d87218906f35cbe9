import { tellFailure } from '../shell/changes.ts'
import type { Scene } from './scene.ts'
import { formatCsv, formatSvg } from './write.ts'

export const downloadKinds = ['PNG', 'SVG', 'CSV'] as const
export type DownloadKind = (typeof downloadKinds)[number]

/** Saves a plot as the browser saves files. */
export function download(scene: Scene, kind: DownloadKind, name: string): void {
  void makeFile(scene, kind)
    .then((blob) => save(blob, `${name}.${kind.toLowerCase()}`))
    .catch(tellFailure)
}

async function makeFile(scene: Scene, kind: DownloadKind): Promise<Blob> {
  // The mark tells spreadsheets that it is UTF-8.
  if (kind === 'CSV') return new Blob(['\ufeff', formatCsv(scene.table)], { type: 'text/csv;charset=utf-8' })
  const { svg, width, height } = formatSvg(scene, readColours())
  const drawing = new Blob([svg], { type: 'image/svg+xml' })
  return kind === 'SVG' ? drawing : paint(drawing, width, height)
}

/** Pixels of the PNG for one of the drawing. */
const scale = 2

async function paint(drawing: Blob, width: number, height: number): Promise<Blob> {
  const url = URL.createObjectURL(drawing)
  try {
    const picture = new Image(width * scale, height * scale)
    picture.src = url
    await picture.decode()
    const canvas = document.createElement('canvas')
    canvas.width = Math.ceil(width * scale)
    canvas.height = Math.ceil(height * scale)
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    if (blob === null) throw new Error('The browser could not make a PNG of this size.')
    return blob
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** The page's colours as they are now, so that the file looks like the page. */
function readColours(): { back: string; text: string; quiet: string; accent: string } {
  const probe = document.createElement('span')
  document.body.append(probe)
  const read = (name: string): string => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const colours = { back: read('back'), text: read('text'), quiet: read('quiet'), accent: read('accent') }
  probe.remove()
  return colours
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
