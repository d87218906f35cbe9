/**
 * Empties a canvas, in the units of its transform. Chromium has been seen to leave all that was drawn before where nothing follows
 * `clearRect` in a frame, so something does follow: a corner as good as clear.
 */
export function clearCanvas(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.clearRect(0, 0, width, height)
  context.fillStyle = '#00000001'
  context.fillRect(0, 0, 1, 1)
}
