import type { SampleRow, Scalar } from '#contract'
import { FoveaError } from '#base'
import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'
import { formatScalar } from '../print-stats.ts'
import type { Session } from '../session.ts'
import { formatTable } from '../table.ts'

interface Page {
  rows: SampleRow[]
  total: number
}

/** Rows of one call; the most the operation gives at once. */
const pageRows = 10_000
const tableRows = 50

export const queryCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[query]', 'Query; everything when left out')
    addFlags(command, session.specs.get('query.run')!)
    command
      .option('--count', 'Only how many there are')
      .option('--paths', 'Only the files, one a line')
      .option('--csv', 'As CSV')
      .option('--complete', 'Say what may come next at the end of the query')
      .addHelpText('after', `\nTo search for a word that is also a verb, write '"count"'.`)
  },
  async run(session, [query], options) {
    const { count, paths, csv, complete, ...flags } = options
    const modes = Object.entries({ count, paths, csv, complete }).flatMap(([name, on]) => (on === true ? [name] : []))
    if (modes.length > 1)
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected one of --count, --paths, --csv and --complete, got ${modes.map((m) => `--${m}`).join(' and ')}.`,
      )
    const input = await readFlags(session.specs.get('query.run')!, flags, { query }, session.terminal)
    const { dataset, query: text } = input
    const scope = { ...(dataset === undefined ? {} : { dataset }), ...(text === undefined ? {} : { query: text }) }

    if (modes[0] === 'count') return session.show('query.count', await session.call('query.count', scope))
    if (modes[0] === 'complete')
      return showSuggestions(session, await session.call('query.complete', { query: '', ...scope }))
    if (modes[0] === 'paths') {
      for await (const { rows } of readPages(session, { ...input, fields: ['source'] })) {
        if (session.json) session.terminal.out(rows.map((row) => `${JSON.stringify(row.fields['source'])}\n`).join(''))
        else session.terminal.out(rows.map((row) => `${row.fields['source']}\n`).join(''))
      }
      return
    }
    if (modes[0] === 'csv') return writeCsv(session, input)
    if (session.json) return session.show('query.run', await session.call('query.run', input))
    await showTable(session, input)
  },
}

/** Pages of rows up to the limit given, or all of them. */
async function* readPages(session: Session, input: Record<string, unknown>): AsyncIterable<Page> {
  const limit = typeof input['limit'] === 'number' ? input['limit'] : Infinity
  const offset = typeof input['offset'] === 'number' ? input['offset'] : 0
  let taken = 0
  for (;;) {
    const page = (await session.call('query.run', {
      ...input,
      limit: Math.min(pageRows, limit - taken),
      offset: offset + taken,
    })) as Page
    taken += page.rows.length
    yield page
    if (page.rows.length === 0 || taken >= limit || offset + taken >= page.total) return
  }
}

async function showTable(session: Session, input: Record<string, unknown>): Promise<void> {
  const fields = (input['fields'] as string[] | undefined) ?? []
  const rows: SampleRow[] = []
  let total = 0
  for await (const page of readPages(session, { ...input, fields, limit: input['limit'] ?? tableRows })) {
    rows.push(...page.rows)
    total = page.total
  }
  const { terminal } = session
  if (rows.length > 0) {
    terminal.out(
      formatTable(
        rows,
        [
          { title: 'SAMPLE', value: (r) => r.id },
          { title: 'PATH', value: (r) => r.path, keepEnd: true },
          { title: 'SIZE', value: (r) => `${r.width}×${r.height}`, right: true },
          { title: 'SPLIT', value: (r) => r.split ?? '' },
          { title: 'OBJECTS', value: (r) => r.objects, right: true },
          { title: 'CLASSES', value: (r) => r.classes.join(', ') },
          { title: 'TAGS', value: (r) => r.tags.join(', ') },
          ...fields.map((field) => ({
            title: field.toUpperCase(),
            value: (r: SampleRow) => formatScalar(r.fields[field] ?? null),
          })),
        ],
        terminal.columns,
      ),
    )
  }
  const offset = typeof input['offset'] === 'number' ? input['offset'] : 0
  const more = total - offset - rows.length
  terminal.err(
    `${total.toLocaleString('en')} ${total === 1 ? 'sample' : 'samples'}${more > 0 ? `, ${rows.length} shown; see more with --limit` : ''}\n`,
  )
}

async function writeCsv(session: Session, input: Record<string, unknown>): Promise<void> {
  const fields = (input['fields'] as string[] | undefined) ?? []
  const line = (cells: readonly Scalar[]): string => `${cells.map(formatCsvCell).join(',')}\r\n`
  session.terminal.out(line(['id', 'path', 'width', 'height', 'split', 'tags', 'classes', 'objects', ...fields]))
  for await (const { rows } of readPages(session, { ...input, fields })) {
    session.terminal.out(
      rows
        .map((r) =>
          line([
            r.id,
            r.path,
            r.width,
            r.height,
            r.split,
            r.tags.join(';'),
            r.classes.join(';'),
            r.objects,
            ...fields.map((f) => r.fields[f] ?? null),
          ]),
        )
        .join(''),
    )
  }
}

/** RFC 4180. */
function formatCsvCell(value: Scalar): string {
  const text = value === null ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function showSuggestions(session: Session, output: unknown): void {
  if (session.json) return session.show('query.complete', output)
  const { suggestions } = output as { suggestions: { text: string; kind: string; detail: string }[] }
  session.terminal.out(
    formatTable(
      suggestions,
      [
        { title: 'TEXT', value: (s) => s.text },
        { title: 'KIND', value: (s) => s.kind },
        { title: 'DETAIL', value: (s) => s.detail },
      ],
      session.terminal.columns,
    ),
  )
}
