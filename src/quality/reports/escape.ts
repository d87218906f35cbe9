/**
 * Text that XML 1.0 and a reader's eye can take: characters that XML forbids (controls but tab and line feed, lone surrogates,
 * U+FFFE and U+FFFF) and those that turn the direction of what follows become U+FFFD.
 */
export function cleanText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(
    // oxlint-disable-next-line no-control-regex -- these are the characters that must not pass
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  )
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for the inside of elements and of quoted attributes, of HTML and XML alike. */
export function escapeMarkup(text: string): string {
  return cleanText(text).replaceAll(/[&<>"']/g, (character) => entities[character]!)
}

/** Text on one line, at most so many characters; what is cut off shows as an ellipsis. */
export function shortenText(text: string, most: number): string {
  // Far longer texts are cut before they are looked at: they may be megabytes.
  const characters = Array.from(
    cleanText(text.slice(0, most * 4))
      .replaceAll(/\s+/g, ' ')
      .trim(),
  )
  const isWhole = characters.length <= most && text.length <= most * 4
  return isWhole ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`
}
