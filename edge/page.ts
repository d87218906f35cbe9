// The page of a bundle for browsers: it tries itself out, then answers for the pictures it is given.
import type { Prediction } from '#models'
import { openBundle, type Bundle } from './browser.ts'

/** Colours of classes, by their place; told apart by readers with any colour vision (Okabe and Ito 2008). */
const colours = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7']
const element = <E extends HTMLElement>(id: string): E => document.querySelector<E>(`#${id}`)!
const state = element('state')
const file = element<HTMLInputElement>('file')
const drop = element('drop')
const answers = element<HTMLOListElement>('answers')

function say(text: string, kind: 'good' | 'bad' | 'busy'): void {
  state.textContent = text
  state.dataset['state'] = kind
}

async function open(): Promise<Bundle> {
  const bundle = await openBundle(new URL('./', import.meta.url))
  const { model, card, files } = bundle.manifest
  document.title = model
  element('name').textContent = card.title === '' ? model : `${card.title} (${model})`
  element('about').textContent = `${card.task}, ${card.input.size[1]} × ${card.input.size[0]} px`
  say('Looking at the golden pictures …', 'busy')
  const golden = await bundle.verify()
  say(
    `Signature, ${files.length} files and ${golden} golden pictures are as recorded. Key ${bundle.key.slice(0, 16)}…`,
    'good',
  )
  return bundle
}

async function show(bundle: Bundle, picture: File): Promise<void> {
  const item = document.createElement('li')
  const canvas = document.createElement('canvas')
  const told = document.createElement('div')
  const name = document.createElement('h2')
  name.textContent = picture.name
  told.append(name)
  item.append(canvas, told)
  answers.prepend(item)
  try {
    const start = performance.now()
    const prediction = await bundle.predict(picture)
    const tookMs = performance.now() - start
    await draw(canvas, picture, prediction, bundle.manifest.classes)
    told.append(list(rowsOf(prediction)))
    const took = document.createElement('p')
    took.textContent = `${Math.round(tookMs)} ms`
    told.append(took)
  } catch (error) {
    canvas.remove()
    const fault = document.createElement('p')
    fault.className = 'fault'
    fault.textContent = (error as Error).message
    told.append(fault)
  }
}

async function draw(
  canvas: HTMLCanvasElement,
  picture: File,
  { widthPx, heightPx, mask, boxes }: Prediction,
  classes: readonly string[],
): Promise<void> {
  canvas.width = widthPx
  canvas.height = heightPx
  const context = canvas.getContext('2d')!
  const bitmap = await createImageBitmap(picture, { imageOrientation: 'from-image' })
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  if (mask !== undefined) context.drawImage(await paintMask(mask.data, widthPx, heightPx), 0, 0)
  context.lineWidth = Math.max(2, widthPx / 200)
  for (const box of boxes ?? []) {
    context.strokeStyle = colourOf(classes.indexOf(box.class))
    context.strokeRect(box.x, box.y, box.w, box.h)
  }
}

const colourOf = (index: number): string => colours[Math.max(0, index) % colours.length]!

function paintMask(data: Uint8Array, widthPx: number, heightPx: number): Promise<ImageBitmap> {
  const pixels = new ImageData(widthPx, heightPx)
  data.forEach((value, i) => {
    if (value === 0) return
    const colour = Number.parseInt(colourOf(value - 1).slice(1), 16)
    pixels.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 150], i * 4)
  })
  return createImageBitmap(pixels)
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** What is told of an answer, a name and a figure each. */
function rowsOf({ widthPx, heightPx, classes, values, boxes, mask, anomaly }: Prediction): [string, string][] {
  const covered = new Map<number, number>()
  for (const value of mask?.data ?? []) covered.set(value, (covered.get(value) ?? 0) + 1)
  return [
    ...(classes ?? []).slice(0, 5).map((each): [string, string] => [each.class, percent(each.score)]),
    ...Object.entries(values ?? {}).map(([name, value]): [string, string] => [
      name,
      String(Number(value.toPrecision(6))),
    ]),
    ...(boxes ?? []).slice(0, 20).map((box): [string, string] => [box.class, percent(box.score)]),
    ...(boxes?.length === 0 ? ([['no boxes', '']] satisfies [string, string][]) : []),
    ...(mask?.classes ?? []).flatMap((name, i): [string, string][] => {
      const pixels = covered.get(i + 1)
      return pixels === undefined ? [] : [[name, `${percent(pixels / (widthPx * heightPx))} of the picture`]]
    }),
    ...(mask !== undefined && covered.size === 1 && covered.has(0)
      ? ([['nothing found', '']] satisfies [string, string][])
      : []),
    ...(anomaly === undefined
      ? []
      : ([
          [anomaly.score >= anomaly.threshold ? 'anomaly' : 'normal', String(Number(anomaly.score.toPrecision(4)))],
          ['threshold', String(Number(anomaly.threshold.toPrecision(4)))],
        ] satisfies [string, string][])),
  ]
}

function list(rows: readonly [string, string][]): HTMLTableElement {
  const table = document.createElement('table')
  for (const row of rows) {
    const line = table.insertRow()
    for (const text of row) line.insertCell().textContent = text
  }
  return table
}

function listen(bundle: Bundle): void {
  const take = async (files: FileList | null | undefined): Promise<void> => {
    for (const picture of files ?? []) await show(bundle, picture)
  }
  file.disabled = false
  file.addEventListener('change', () => void take(file.files))
  for (const kind of ['dragover', 'dragleave', 'drop'] as const)
    drop.addEventListener(kind, (event) => {
      event.preventDefault()
      drop.classList.toggle('over', kind === 'dragover')
      if (kind === 'drop') void take(event.dataTransfer?.files)
    })
}

try {
  listen(await open())
} catch (error) {
  say((error as Error).message, 'bad')
}
