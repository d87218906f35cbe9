import type { Report } from '#contract'
import { gatherEvidence } from './evidence.ts'
import { writeHtml } from './html.ts'
import { writeJunit } from './junit.ts'
import { writeMarkdown } from './markdown.ts'
import type { ReportDeps } from './types.ts'

/** Formats a report is written in; as JSON it is itself. */
export type ReportFormat = 'html' | 'junit' | 'markdown'

/**
 * Writes a report as a file: `html` for a browser (one file that needs no network and runs nothing), `junit` for a CI system,
 * `markdown` for a comment on a pull request. Only `html` asks for pictures and labels.
 */
export async function writeReport(
  report: Report,
  format: ReportFormat,
  deps: ReportDeps,
): Promise<{ text: string; mediaType: string }> {
  switch (format) {
    case 'html':
      return {
        text: writeHtml(report, deps.earlier, await gatherEvidence(report, deps)),
        mediaType: 'text/html; charset=utf-8',
      }
    case 'junit':
      return { text: writeJunit(report), mediaType: 'application/xml; charset=utf-8' }
    case 'markdown':
      return { text: writeMarkdown(report), mediaType: 'text/markdown; charset=utf-8' }
  }
}
