import type { Command } from '../shell/keys.ts'
import { toggleSelected } from '../shell/selection.ts'
import { getView, setView } from '../shell/view.ts'
import { neutral } from './adjust.ts'
import type { Camera } from './camera.ts'
import type { Travel } from './sample-data.ts'
import { setSettings } from './settings.ts'

const awaitedMs = 3_000

/** What can be done with the open sample by a key or from the palette. */
export function makeCommands(id: number, camera: Camera, travel: Travel, close: () => void): Command[] {
  const focusOn = (field: string) => (): void => {
    setSettings({ showsPanel: true })
    const until = performance.now() + awaitedMs
    // The panel may be closed, or wait for what is known of the sample.
    const seek = (): void => {
      const found = document.getElementById(field)
      if (found !== null) found.focus()
      else if (performance.now() < until && getView().sample === id) requestAnimationFrame(seek)
    }
    requestAnimationFrame(seek)
  }
  return [
    { id: 'sample.next', title: 'Go to the next sample', keys: 'arrowright', run: () => travel.go(1) },
    { id: 'sample.previous', title: 'Go to the previous sample', keys: 'arrowleft', run: () => travel.go(-1) },
    { id: 'sample.first', title: 'Go to the first sample', keys: 'home', run: () => travel.goTo(0) },
    { id: 'sample.last', title: 'Go to the last sample', keys: 'end', run: () => travel.goTo(travel.total - 1) },
    { id: 'sample.close', title: 'Close the sample', keys: 'escape', run: close },
    { id: 'sample.zoom-in', title: 'Zoom in', keys: '+', run: () => camera.step(1) },
    { id: 'sample.zoom-out', title: 'Zoom out', keys: '-', run: () => camera.step(-1) },
    { id: 'sample.fit', title: 'Fit the picture', keys: '0', run: () => camera.fit() },
    { id: 'sample.one-to-one', title: 'Show the picture one to one', keys: '1', run: () => camera.zoomTo(1) },
    {
      id: 'sample.labels',
      title: 'Show or hide labels',
      keys: 'l',
      run: () => setView({ overlays: !getView().overlays }),
    },
    {
      id: 'sample.compare',
      title: 'Two layers side by side',
      keys: 'c',
      run: () => setSettings(({ compare }) => ({ compare: !compare })),
    },
    {
      id: 'sample.invert',
      title: 'Invert the picture',
      keys: 'i',
      run: () => setSettings(({ adjustment }) => ({ adjustment: { ...adjustment, invert: !adjustment.invert } })),
    },
    {
      id: 'sample.reset',
      title: 'Show the picture as it is',
      keys: 'r',
      run: () => setSettings({ adjustment: neutral }),
    },
    {
      id: 'sample.panel',
      title: 'Show or hide what is known of the sample',
      keys: 'p',
      run: () => setSettings(({ showsPanel }) => ({ showsPanel: !showsPanel })),
    },
    { id: 'sample.select', title: 'Select the sample or leave it out', keys: 'x', run: () => toggleSelected(id) },
    { id: 'sample.tag', title: 'Tag the sample', keys: 't', run: focusOn('sample-add-tag') },
    { id: 'sample.note', title: 'Write a note on the sample', keys: 'n', run: focusOn('sample-note') },
  ]
}
