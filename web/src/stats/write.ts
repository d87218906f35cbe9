import { sceneWidth, type Cell, type Scene } from './scene.ts'

/** A table as CSV (RFC 4180). Texts that spreadsheets would run as formulas get an apostrophe (OWASP, CSV injection). */
export function formatCsv(table: readonly (readonly Cell[])[]): string {
  return table.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Colours of a picture that stands for itself. */
interface Colours {
  back: string
  text: string
  quiet: string
  accent: string
}

const marginPx = 12
const titlePx = 24

/** A scene as a file of SVG 1.1, with its title, on a ground of its own. */
export function formatSvg(scene: Scene, colours: Colours): { svg: string; width: number; height: number } {
  const width = sceneWidth + 2 * marginPx
  const height = scene.height + titlePx + 2 * marginPx
  const marks = scene.marks.map(
    (mark) =>
      `<rect x="${round(mark.x)}" y="${round(mark.y)}" width="${round(mark.width)}" height="${round(mark.height)}" fill="${escape(mark.colour ?? colours.accent)}" fill-opacity="${round(mark.opacity)}">${mark.title === '' ? '' : `<title>${escape(mark.title)}</title>`}</rect>`,
  )
  const texts = scene.texts.map(
    ({ x, y, text, anchor, tone, isTurned }) =>
      `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${escape(colours[tone])}"${isTurned === true ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : ''}>${escape(text)}</text>`,
  )
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${round(height)}" viewBox="0 0 ${width} ${round(height)}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escape(scene.title)}</title>`,
    `<rect width="100%" height="100%" fill="${escape(colours.back)}"/>`,
    `<text x="${marginPx}" y="${marginPx + 12}" font-size="14" font-weight="600" fill="${escape(colours.text)}">${escape(scene.title)}</text>`,
    `<g transform="translate(${marginPx} ${marginPx + titlePx})">`,
    ...marks,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
  return { svg, width, height }
}

const round = (value: number): string => String(Number(value.toFixed(2)))

/** Text inside of XML; characters that XML cannot hold are left out. */
function escape(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- these are what XML 1.0 forbids
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}
