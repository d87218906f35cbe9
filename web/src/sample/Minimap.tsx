import { useStore } from '../shell/store.ts'
import { thumbUrl } from '../api/client.ts'
import type { Camera } from './camera.ts'
import { partInSight } from './place.ts'

const longestPx = 150

/** Where on the picture the stage is, while not all of it is in sight. A click goes there. */
export function Minimap({ camera, id }: { camera: Camera; id: number }) {
  const { place, stage, picture } = useStore(camera.store)
  const part = partInSight(place, stage, picture)
  if (part === null || (part.w >= picture.w - 1 && part.h >= picture.h - 1)) return null
  const scale = longestPx / Math.max(picture.w, picture.h)
  const go = (event: React.PointerEvent<HTMLDivElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    camera.centre((event.clientX - left) / scale, (event.clientY - top) / scale)
  }
  return (
    <div
      className="sample-minimap"
      style={{ width: picture.w * scale, height: picture.h * scale }}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event)
      }}
    >
      <img src={thumbUrl(id)} alt="" draggable={false} />
      <div
        className="sample-minimap-part"
        style={{ left: part.x * scale, top: part.y * scale, width: part.w * scale, height: part.h * scale }}
      />
    </div>
  )
}
