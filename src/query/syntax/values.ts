import type { Operand, Value } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { isReserved } from './words.ts'

/** What stands right of an operator: a number, a date, a word, or text in quotes. */
export function parseValue(cursor: Cursor, operand: Operand): Value {
  cursor.want({ kind: 'value', operand, scope: cursor.scope })
  const token = cursor.peek()
  if (token.kind === 'minus' && cursor.peek(1).kind === 'number' && !cursor.peek(1).spaced) {
    cursor.next()
    const digits = cursor.next()
    const span = cursor.spanFrom(token.span)
    return { kind: 'value', text: `-${digits.text}`, form: 'number', span }
  }
  if (token.kind === 'string' || token.kind === 'number' || token.kind === 'date') {
    cursor.next()
    return { kind: 'value', text: token.text, form: token.kind, span: token.span }
  }
  if (token.kind === 'word' && !isReserved(token.text)) {
    cursor.next()
    return { kind: 'value', text: token.text, form: 'word', span: token.span }
  }
  throw cursor.unexpected('a value', 'Text goes in quotes, like "val".')
}

/** `(a, b, c)` */
export function parseValueList(cursor: Cursor, operand: Operand): Value[] {
  cursor.want({ kind: 'keywords', words: ['('] })
  cursor.takeSymbol('(')
  const values = [parseValue(cursor, operand)]
  while (cursor.isSymbol(',')) {
    cursor.next()
    values.push(parseValue(cursor, operand))
  }
  cursor.want({ kind: 'keywords', words: [')'] })
  if (!cursor.isSymbol(')')) throw cursor.unexpected(['","', '")"'])
  cursor.next()
  return values
}
