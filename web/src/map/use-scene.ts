import { useEffect, useState, type RefObject } from 'react'
import type { Size } from './camera.ts'
import { createScene, type Scene } from './scene.ts'

/** A scene on two canvases of an element, as large as it; made anew when the browser has taken the graphics away. */
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
    const scene = createScene(canvas, overlay.current)
    setMade({ scene: scene ?? null, isImpossible: scene === undefined })
    if (scene === undefined) return undefined

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
    // A lost context cannot be mended on its canvas in every browser; the next generation gets new canvases.
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
