import { FoveaError } from '#base'

/** A picture as it was sent. */
export interface SentPicture {
  /** Name of its file; null where none was given. */
  name: string | null
  bytes: Buffer
}

export interface SentBody {
  pictures: SentPicture[]
  /** Fields of a form that are no files. */
  fields: Record<string, string>
}

/** Headers of one part of a form at most. */
const mostHeaderBytes = 16_384
/** Fields beside the files, and bytes of each. */
const mostFields = 32
const mostFieldBytes = 1_000

/**
 * Pictures of a request: every file of a form (RFC 7578), or the whole body. The bytes are views of the body, not copies.
 * Throws INPUT_INVALID, TOO_LARGE for more than `maxFiles`.
 */
export function readPictures(body: Buffer, contentType: string | undefined, maxFiles: number): SentBody {
  const sent = isForm(contentType)
    ? readForm(body, contentType!, maxFiles)
    : { pictures: [{ name: null, bytes: body }], fields: {} }
  if (/^application\/json\b/i.test(contentType ?? ''))
    throw invalid('Expected a picture, or a form with pictures, got JSON.')
  if (body.length === 0 || sent.pictures.length === 0) throw invalid('Expected a picture, got none.')
  return sent
}

const isForm = (contentType: string | undefined): boolean => /^multipart\/form-data\b/i.test(contentType ?? '')

function readForm(body: Buffer, contentType: string, maxFiles: number): SentBody {
  const found = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType)
  const boundary = found?.[1] ?? found?.[2]
  if (boundary === undefined) throw invalid('Expected the boundary of the form in its Content-Type, got none.')
  const fence = Buffer.from(`\r\n--${boundary}`)
  const sent: SentBody = { pictures: [], fields: {} }
  // The first fence may stand at the very beginning, without the line break before it.
  let at = body.subarray(0, fence.length - 2).equals(fence.subarray(2)) ? fence.length - 2 : afterFence(body, fence, 0)
  while (body.toString('latin1', at, at + 2) !== '--') {
    const head = body.indexOf('\r\n', at)
    const end = body.indexOf('\r\n\r\n', at)
    const next = end === -1 ? -1 : body.indexOf(fence, end + 2)
    if (head === -1 || end === -1 || next === -1) throw invalid('The form ends before its last part does.')
    if (end - head > mostHeaderBytes) throw invalid('The headers of a part of the form are too long.')
    addPart(sent, body.toString('utf8', head, end), body.subarray(Math.min(end + 4, next), next), maxFiles)
    at = next + fence.length
  }
  return sent
}

function afterFence(body: Buffer, fence: Buffer, from: number): number {
  const at = body.indexOf(fence, from)
  if (at === -1) throw invalid('Expected a form with the boundary of its Content-Type, found no such part.')
  return at + fence.length
}

function addPart(sent: SentBody, headers: string, bytes: Buffer, maxFiles: number): void {
  const disposition = /(?:^|\r\n)content-disposition:([^\r\n]*)/i.exec(headers)?.[1] ?? ''
  const type = /(?:^|\r\n)content-type:\s*([^\r\n;]*)/i.exec(headers)?.[1]?.trim() ?? ''
  const filename = readParameter(disposition, 'filename')
  if (filename !== undefined || /^image\//i.test(type) || type === 'application/octet-stream') {
    if (sent.pictures.length >= maxFiles)
      throw new FoveaError('TOO_LARGE', `Expected at most ${maxFiles} pictures in one request, got more.`, {
        hint: 'Send several requests, or raise serving.maxFiles in .fovea/config.toml.',
      })
    sent.pictures.push({ name: filename ?? null, bytes })
    return
  }
  const name = readParameter(disposition, 'name')
  if (name === undefined) throw invalid('Expected every part of the form to have a name.')
  if (bytes.length > mostFieldBytes || Object.keys(sent.fields).length >= mostFields || name === '__proto__')
    throw invalid(`Expected short fields beside the pictures, got ${JSON.stringify(name.slice(0, 50))}.`)
  sent.fields[name] = bytes.toString('utf8')
}

/** A parameter of a header in quotes or without, with what browsers escape (RFC 7578, 4.2; WHATWG). */
function readParameter(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]*))`, 'i').exec(header)
  const text = found?.[1] ?? found?.[2]
  return text?.replaceAll('%22', '"').replaceAll(/\\(["\\])/g, '$1')
}

const invalid = (message: string): FoveaError =>
  new FoveaError('INPUT_INVALID', message, {
    hint: 'Send a picture as the body, or a form: curl -F image=@picture.jpg URL',
  })
