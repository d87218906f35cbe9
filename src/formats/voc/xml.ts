import { XMLParser, XMLValidator } from 'fast-xml-parser'

/** Elements of an annotation by name; every element is a list, since any may repeat. */
export type XmlNode = { [name: string]: (XmlNode | string)[] | string }

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  // Entities a file declares are never expanded; the five of XML itself are decoded below.
  processEntities: false,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
})

export type ParsedXml = { ok: true; root: XmlNode | null } | { ok: false; what: string }

/** Parses text and gives its root element when that has the expected name, else null. */
export function parseXml(text: string, rootName: string): ParsedXml {
  // oxlint-disable-next-line typescript/no-deprecated -- the parser alone takes broken XML in silence; its successor is one more package.
  const valid = XMLValidator.validate(text)
  if (valid !== true) return { ok: false, what: `line ${valid.err.line}: ${valid.err.msg}` }
  try {
    const root = (parser.parse(text) as XmlNode)[rootName]?.[0]
    return { ok: true, root: root === undefined ? null : typeof root === 'string' ? {} : root }
  } catch (error) {
    return { ok: false, what: (error as Error).message }
  }
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name.toLowerCase()]!
      const code = hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** Text of an element's first child of that name; null when it is missing or empty. */
export function textOf(node: XmlNode, name: string): string | null {
  const child = node[name]?.[0]
  // An element with attributes keeps its text under `#text`.
  const text = typeof child === 'object' ? child['#text'] : child
  return typeof text === 'string' && text !== '' ? decodeEntities(text) : null
}

/** A finite number of an element's first child of that name, else null. */
export function numberOf(node: XmlNode, name: string): number | null {
  const text = textOf(node, name)
  const value = text === null ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}

/** All child elements of that name that hold elements themselves. */
export function childrenOf(node: XmlNode, name: string): XmlNode[] {
  const children = node[name]
  return Array.isArray(children) ? children.filter((child) => typeof child !== 'string') : []
}

/** Text fit for an element's content. Characters XML 1.0 cannot hold are dropped. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}
