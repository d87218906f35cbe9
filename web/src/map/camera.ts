/** What part of the map is on the screen. */
export interface Camera {
  /** Point of the map in the middle of the screen. */
  x: number
  y: number
  /** CSS pixels a unit of the map; the same in both directions. */
  scale: number
}

export interface Bounds {
  left: number
  right: number
  low: number
  high: number
}

export interface Size {
  width: number
  height: number
}

/** The smallest rectangle around all points; a unit square for none. Places that are not finite are passed over. */
export function boundsOf(places: Float32Array): Bounds {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i < places.length; i += 2) {
    const x = places[i]!
    const y = places[i + 1]!
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    if (x < left) left = x
    if (x > right) right = x
    if (y < low) low = y
    if (y > high) high = y
  }
  if (left > right) return { left: 0, right: 1, low: 0, high: 1 }
  return { left, right, low, high }
}

/** Shows all of the bounds, with a margin. */
export function fitCamera(bounds: Bounds, size: Size, marginPx = 36): Camera {
  const width = Math.max(20, size.width - 2 * marginPx)
  const height = Math.max(20, size.height - 2 * marginPx)
  const scale = Math.min(
    width / Math.max(bounds.right - bounds.left, 1e-6),
    height / Math.max(bounds.high - bounds.low, 1e-6),
  )
  return { x: (bounds.left + bounds.right) / 2, y: (bounds.low + bounds.high) / 2, scale }
}

/** From the map to the screen, px from the upper left corner; y grows upwards on the map. */
export function toScreen(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  return { x: size.width / 2 + (x - camera.x) * camera.scale, y: size.height / 2 - (y - camera.y) * camera.scale }
}

export function toMap(camera: Camera, size: Size, xPx: number, yPx: number): { x: number; y: number } {
  return { x: camera.x + (xPx - size.width / 2) / camera.scale, y: camera.y - (yPx - size.height / 2) / camera.scale }
}

export function panCamera(camera: Camera, dxPx: number, dyPx: number): Camera {
  return { ...camera, x: camera.x - dxPx / camera.scale, y: camera.y + dyPx / camera.scale }
}

/** Zooms about a place on the screen, which stays where it is. The scale is kept within `limits`. */
export function zoomCamera(
  camera: Camera,
  size: Size,
  factor: number,
  at: { x: number; y: number },
  limits: { least: number; most: number },
): Camera {
  const scale = Math.min(limits.most, Math.max(limits.least, camera.scale * factor))
  const held = toMap(camera, size, at.x, at.y)
  return {
    x: held.x - (at.x - size.width / 2) / scale,
    y: held.y + (at.y - size.height / 2) / scale,
    scale,
  }
}

/**
 * Diameter (px) and opacity (0..1) of points at a zoom: large and solid when few are on the screen, small and faint when they
 * crowd, so that overlapping ones add up to density.
 */
export function lookOfPoints(count: number, bounds: Bounds, camera: Camera): { sizePx: number; alpha: number } {
  const area = Math.max(bounds.right - bounds.left, 1e-6) * Math.max(bounds.high - bounds.low, 1e-6)
  const spacingPx = camera.scale * Math.sqrt(area / Math.max(1, count))
  const sizePx = Math.min(9, Math.max(1.5, 1.2 + 0.35 * spacingPx))
  const alpha = Math.min(0.88, Math.max(0.12, (0.6 * spacingPx ** 2) / sizePx ** 2))
  return { sizePx, alpha }
}
