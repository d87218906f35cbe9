import { fitText, sceneWidth, showCount, type Mark, type Pick, type Scene, type SceneText } from './scene.ts'

export interface Bar {
  name: string
  count: number
  colour: string | null
  pick: Pick | null
}

const rowPx = 20
const namePx = 130
const countPx = 62
const shownAtMost = 40

/** Bars that lie one under the other, the longest as wide as there is room. The table holds those that are not shown, too. */
export function drawBars(title: string, bars: readonly Bar[], heading: readonly [string, string]): Scene {
  const shown = bars.slice(0, shownAtMost)
  const most = Math.max(1, ...shown.map(({ count }) => count))
  const room = sceneWidth - namePx - countPx
  const marks: Mark[] = []
  const texts: SceneText[] = []
  shown.forEach(({ name, count, colour, pick }, row) => {
    const y = row * rowPx
    const width = Math.max(count === 0 ? 0 : 1, (count / most) * room)
    const about = `${name}: ${showCount(count)}`
    marks.push({ x: namePx, y: y + 2, width, height: rowPx - 4, colour, opacity: 1, title: about, pick })
    texts.push({ x: namePx - 6, y: y + 14, text: fitText(name, namePx - 10), anchor: 'end', tone: 'text' })
    texts.push({ x: namePx + width + 5, y: y + 14, text: showCount(count), anchor: 'start', tone: 'quiet' })
  })
  const rest = bars.length - shown.length
  if (rest > 0)
    texts.push({ x: namePx, y: shown.length * rowPx + 14, text: `and ${rest} more`, anchor: 'start', tone: 'quiet' })
  return {
    title,
    height: (shown.length + (rest > 0 ? 1 : 0)) * rowPx,
    marks,
    texts,
    table: [heading, ...bars.map(({ name, count }) => [name, count])],
  }
}
