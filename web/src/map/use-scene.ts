import { useEffect, useState, type RefObject } from 'react'
import type { Size } from './camera.ts'
import { createScene, type Scene } from './scene.ts'

/** Canvases on which WebGL2 is tried, should it be lost; those after them are drawn on without it. */
const glTries = 3

/**
 * A scene on two canvases of an element, as large as it. Where there is no WebGL2, or the browser takes it away, the next generation
 * of canvases is drawn on: a canvas that had one kind of context can have no other.
 */
export function useScene(
  host: RefObject<HTMLElement | null>,
  points: RefObject<HTMLCanvasElement | null>,
  overlay: RefObject<HTMLCanvasElement | null>,
): { scene: Scene | null; size: Size; generation: number; isImpossible: boolean } {
  const [generation, setGeneration] = useState(0)
  const [made, setMade] = useState<{ scene: Scene | null; isImpossible: boolean }>({ scene: null, isImpossible: false })
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useEffect(() => {
    const [element, canvas] = [host.current, points.current]
    if (element === null || canvas === null || overlay.current === null) return undefined
    const scene = createScene(canvas, overlay.current, generation < glTries ? 'webgl2' : '2d')
    if (scene === undefined) {
      if (generation < glTries) setGeneration(glTries)
      else setMade({ scene: null, isImpossible: true })
      return undefined
    }
    setMade({ scene, isImpossible: false })

    const resized = new ResizeObserver(() => {
      const next = { width: element.clientWidth, height: element.clientHeight }
      scene.resize(next)
      setSize(next)
    })
    resized.observe(element)
    const themed = new MutationObserver(() => scene.setTheme())
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const follow = (): void => scene.setTheme()
    dark.addEventListener('change', follow)
    const lose = (): void => setGeneration((old) => old + 1)
    canvas.addEventListener('webglcontextlost', lose)
    return () => {
      resized.disconnect()
      themed.disconnect()
      dark.removeEventListener('change', follow)
      canvas.removeEventListener('webglcontextlost', lose)
      setMade({ scene: null, isImpossible: false })
      scene.close()
    }
  }, [host, points, overlay, generation])
  return { ...made, size, generation }
}
