import { planPasses, type PointRenderer } from './renderer.ts'
import type { DrawOrder } from './flags.ts'

const vertexText = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in float code;
uniform vec2 centre;
uniform vec2 stretch;
uniform float sizePx;
uniform float alpha;
uniform float fade;
uniform vec3 back;
uniform highp sampler2D table;
flat out vec4 colour;
void main() {
  gl_Position = vec4((place - centre) * stretch, 0.0, 1.0);
  gl_PointSize = sizePx;
  vec3 own = texelFetch(table, ivec2(int(code), 0), 0).rgb;
  colour = vec4(mix(own, back, fade), alpha);
}`

const fragmentText = `#version 300 es
precision highp float;
flat in vec4 colour;
uniform float sizePx;
uniform float ringPx;
uniform vec3 ink;
out vec4 made;
void main() {
  float cover = 1.0;
  vec3 own = colour.rgb;
  if (sizePx > 3.0) {
    float inwards = sizePx * 0.5 - length(gl_PointCoord - 0.5) * sizePx;
    cover = clamp(inwards + 0.5, 0.0, 1.0);
    own = mix(own, ink, clamp(ringPx - inwards + 0.5, 0.0, 1.0) * step(0.5, ringPx));
  }
  made = vec4(own, 1.0) * (colour.a * cover);
}`

/** Draws with WebGL2; undefined where the browser has none, or only a slow one, after which the canvas may be of no other use. Positions, codes and drawing order are one buffer each. */
export function createGlRenderer(canvas: HTMLCanvasElement): PointRenderer | undefined {
  const gl = canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    stencil: false,
    failIfMajorPerformanceCaveat: true,
  })
  const program = gl === null || isPlayed(gl) ? undefined : link(gl)
  if (gl === null || program === undefined) return undefined
  const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name)
  const [centre, stretch, size, alpha, fade] = ['centre', 'stretch', 'sizePx', 'alpha', 'fade'].map(at)
  const [back, ring, ink] = ['back', 'ringPx', 'ink'].map(at)
  const [places, codes, points] = [gl.createBuffer(), gl.createBuffer(), gl.createBuffer()]
  const table = gl.createTexture()
  let order: DrawOrder = { points: new Uint32Array(0), outside: 0, inside: 0, selected: 0 }
  let [placed, coded] = [0, 0]

  gl.useProgram(program)
  gl.disable(gl.DEPTH_TEST)
  gl.enable(gl.BLEND)
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
  gl.bindTexture(gl.TEXTURE_2D, table)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, points)

  return {
    kind: 'webgl2',
    setPlaces(next) {
      placed = next.length / 2
      gl.bindBuffer(gl.ARRAY_BUFFER, places)
      gl.bufferData(gl.ARRAY_BUFFER, next, gl.STATIC_DRAW)
      gl.enableVertexAttribArray(0)
      gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
    },
    setCodes(next) {
      coded = next.length
      gl.bindBuffer(gl.ARRAY_BUFFER, codes)
      gl.bufferData(gl.ARRAY_BUFFER, next, gl.DYNAMIC_DRAW)
      gl.enableVertexAttribArray(1)
      gl.vertexAttribPointer(1, 1, gl.UNSIGNED_BYTE, false, 0, 0)
    },
    setTable(next) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, next)
    },
    setOrder(next) {
      order = next
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, next.points, gl.DYNAMIC_DRAW)
    },
    draw(frame) {
      const { camera, ratio } = frame
      const [width, height] = [Math.round(frame.size.width * ratio), Math.round(frame.size.height * ratio)]
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
      gl.viewport(0, 0, width, height)
      gl.clearColor(0, 0, 0, 0)
      gl.clear(gl.COLOR_BUFFER_BIT)
      // Between two maps the buffers may be of different lengths for a moment.
      if (coded !== placed) return
      gl.uniform2f(centre!, camera.x, camera.y)
      gl.uniform2f(stretch!, (2 * camera.scale) / frame.size.width, (2 * camera.scale) / frame.size.height)
      gl.uniform3f(back!, ...frame.back)
      gl.uniform3f(ink!, ...frame.ink)
      for (const pass of planPasses(order, frame)) {
        gl.uniform1f(size!, pass.sizePx * ratio)
        gl.uniform1f(alpha!, pass.alpha)
        gl.uniform1f(fade!, pass.fade)
        gl.uniform1f(ring!, pass.ring ? 1.5 * ratio : 0)
        gl.drawElements(gl.POINTS, pass.count, gl.UNSIGNED_INT, pass.first * 4)
      }
    },
    close() {
      for (const buffer of [places, codes, points]) gl.deleteBuffer(buffer)
      gl.deleteTexture(table)
      gl.deleteProgram(program)
    },
  }
}

/** Whether the processor plays the graphics, as in virtual machines: many points are then slower than writing their pixels is. */
function isPlayed(gl: WebGL2RenderingContext): boolean {
  const known = gl.getExtension('WEBGL_debug_renderer_info')
  const name: unknown = gl.getParameter(known === null ? gl.RENDERER : known.UNMASKED_RENDERER_WEBGL)
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(name))
}

function link(gl: WebGL2RenderingContext): WebGLProgram | undefined {
  const program = gl.createProgram()
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertexText],
    [gl.FRAGMENT_SHADER, fragmentText],
  ] as const) {
    const shader = gl.createShader(kind)
    if (shader === null) return undefined
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(program)
  return gl.getProgramParameter(program, gl.LINK_STATUS) === true ? program : undefined
}
