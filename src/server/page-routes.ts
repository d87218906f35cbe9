import { basename } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { readVersion, type App } from '#app'
import { cookieName, type Access } from './access.ts'
import type { WebFiles } from './web-files.ts'

interface DatasetRow {
  name: string
  samples: number
  labels: number
}

const styles = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
code { font-family: ui-monospace, monospace; font-size: .95em }
`

/** Plain pages: what the workspace holds, and what the API offers. */
export function addPageRoutes(server: FastifyInstance, app: App, access: Access, web: WebFiles): void {
  server.get<{ Querystring: { token?: unknown } }>('/', async (request, reply) => {
    const { token } = request.query
    if (typeof token === 'string') {
      // The token moves from the address, where it would be seen and saved, to a cookie no script can read.
      if (access.accepts(token))
        void reply.header('set-cookie', `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`)
      return reply.redirect('/', 303)
    }
    if (web.page !== undefined) {
      access.identify(request.headers)
      return reply.type('text/html; charset=utf-8').send(web.page)
    }
    const { datasets } = (await app.call('dataset.list', {}, access.identify(request.headers))) as {
      datasets: DatasetRow[]
    }
    return reply.type('text/html; charset=utf-8').send(homePage(app.workspace.folder, datasets))
  })
  server.get('/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(operationsPage(app)))
  server.get('/page.css', async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'private, max-age=300').send(styles),
  )
}

function homePage(folder: string, datasets: readonly DatasetRow[]): string {
  const rows = datasets.map(
    (d) =>
      `<tr><td>${escapeHtml(d.name)}</td><td class="number">${formatCount(d.samples)}</td><td class="number">${formatCount(d.labels)}</td></tr>`,
  )
  const body =
    datasets.length === 0
      ? '<p>There is no dataset yet. Import one: <code>fovea import FOLDER</code></p>'
      : `<table><thead><tr><th>Dataset</th><th class="number">Samples</th><th class="number">Labels</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  return page(
    basename(folder),
    `<h1>${escapeHtml(basename(folder))}</h1><p><code>${escapeHtml(folder)}</code></p>${body}
<p><a href="/docs">What the API offers</a> · <a href="/api/openapi.json">OpenAPI description</a></p><p>fovea ${escapeHtml(readVersion())}</p>`,
  )
}

function operationsPage(app: App): string {
  const rows = [...app.registry.specs.values()].map(
    (spec) =>
      `<tr><td><code>POST /api/${escapeHtml(spec.id)}</code></td><td><code>fovea ${escapeHtml(spec.id.replace('.', ' '))}</code></td><td>${escapeHtml(spec.summary)}</td><td>${spec.effect}${spec.long ? ', job' : ''}</td></tr>`,
  )
  return page(
    'API',
    `<h1>Operations</h1><p>Each takes and answers JSON; see <a href="/api/openapi.json">the OpenAPI description</a> for the shapes. <a href="/">Home</a></p>
<table><thead><tr><th>HTTP</th><th>Command line</th><th>What it does</th><th>Effect</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
  )
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)} · fovea</title><link rel="stylesheet" href="/page.css"></head>
<body>${body}</body></html>
`
}

function formatCount(count: number): string {
  return count.toLocaleString('en')
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}
