/** Words with a meaning of their own; as text to search for, or as names, they need quotes. */
const reservedWords = new Set(['and', 'or', 'not', 'between', 'exists', 'is', 'in', 'order', 'limit'])

export function isReserved(word: string): boolean {
  return reservedWords.has(word.toLowerCase())
}
