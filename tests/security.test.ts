import { mkdir, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { post, send } from './support/request.ts'
import { serveFake, type Served } from './support/served.ts'

let served: Served
afterEach(() => served.close())

const json = { 'content-type': 'application/json' }

test('a Host that is not ours is refused (DNS rebinding)', async () => {
  served = await serveFake()
  for (const host of ['evil.com', 'evil.com:7077', '127.0.0.1.evil.com', 'localhost.evil.com', '192.168.1.7']) {
    const answer = await send(`${served.url}/api/health`, { headers: { host } })
    expect([host, answer.status, answer.json().code]).toEqual([host, 403, 'ORIGIN_REFUSED'])
  }
  for (const host of ['localhost', 'LOCALHOST:99', '127.0.0.1:80', '[::1]:5'])
    expect((await send(`${served.url}/api/health`, { headers: { host } })).status).toBe(200)
})

test('another site cannot change anything, with or without an Origin', async () => {
  served = await serveFake()
  const count = (headers: Record<string, string>) => post(`${served.url}/api/query.count`, { query: 'abc' }, headers)
  for (const origin of ['http://evil', 'https://evil.com', 'null', 'http://127.0.0.1:1', 'http://localhost']) {
    expect((await count({ origin })).json().code).toBe('ORIGIN_REFUSED')
  }
  expect((await count({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  const deleted = await send(`${served.url}/api/jobs/j_a_b`, { method: 'DELETE', headers: { origin: 'http://evil' } })
  expect(deleted.json().code).toBe('ORIGIN_REFUSED')
  expect(served.fake.calls).toEqual([])
  expect((await count({ origin: served.url })).json()).toEqual({ count: 3 })
})

test('types that a form can send without asking are refused', async () => {
  served = await serveFake()
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    '',
  ]) {
    const answer = await send(`${served.url}/api/query.count`, {
      method: 'POST',
      headers: type === '' ? {} : { 'content-type': type },
      body: '{"query":"a"}',
    })
    expect([type, answer.status, answer.json().code]).toEqual([type, 400, 'INPUT_INVALID'])
  }
  expect(served.fake.calls).toEqual([])
})

test('malformed, hostile and over-large bodies are answered in our own words', async () => {
  served = await serveFake({ 'limits.maxBodyBytes': '2000' })
  const url = `${served.url}/api/query.count`
  const bodies = [
    '{"query":',
    'nonsense',
    '[1,2]',
    '"text"',
    'null x',
    '{"__proto__":{"a":1}}',
    '{"query":5}',
    '{"query":"a","querry":"b"}',
  ]
  for (const body of bodies) {
    const answer = await send(url, { method: 'POST', headers: json, body })
    expect([body, answer.status, answer.json().code]).toEqual([body, 400, 'INPUT_INVALID'])
    expect(answer.text).not.toMatch(/\bat .+:\d+:\d+/)
  }
  const large = await send(url, { method: 'POST', headers: json, body: JSON.stringify({ query: 'x'.repeat(3000) }) })
  expect([large.status, large.json().code]).toEqual([413, 'TOO_LARGE'])
  const streamed = await send(url, {
    method: 'POST',
    headers: { ...json, 'transfer-encoding': 'chunked' },
    body: JSON.stringify({ query: 'x'.repeat(3000) }),
  })
  expect(streamed.json().code).toBe('TOO_LARGE')
  expect((await send(url, { method: 'POST', headers: json, body: '' })).json()).toEqual({ count: 0 })
})

test('an unexpected failure shows no stack', async () => {
  served = await serveFake()
  const answer = await post(`${served.url}/api/query.count`, { query: 'boom' })
  expect(answer.status).toBe(500)
  expect(answer.json().code).toBe('INTERNAL')
  expect(Object.keys(answer.json()).toSorted()).toEqual(['code', 'hint', 'message'])
  expect(answer.text).not.toMatch(/\.ts|node_modules/)
})

test('paths in addresses lead nowhere', async () => {
  served = await serveFake()
  const paths = [
    '/media/../../etc/passwd',
    '/media/..%2f..%2fetc%2fpasswd',
    '/thumb/%2e%2e%2f',
    '/media/s_1%00',
    '/api/../../etc/passwd',
    '//etc/passwd',
    '/%',
    '/media/%ff',
    '/api/jobs/..%2f..%2fcatalog/events',
    '/.fovea/server.json',
    '/media/s_99999999999999999999',
  ]
  for (const path of paths) {
    const answer = await send(served.url, { path })
    expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true])
    expect(answer.json().message).toBeTypeOf('string')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
  }
})

test('bytes that are no HTTP get an answer, and the server lives on', async () => {
  served = await serveFake()
  const { port } = new URL(served.url)
  const text = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write('\u0016\u0003\u0001 nonsense\r\n\r\n'))
    let got = ''
    socket.on('data', (part) => (got += part.toString()))
    socket.on('close', () => resolve(got))
  })
  expect(text).toMatch(/^HTTP\/1\.1 400/)
  expect((await send(`${served.url}/api/health`)).status).toBe(200)
})

test('every answer carries the headers that keep browsers in their place', async () => {
  served = await serveFake()
  const answers = [
    await send(`${served.url}/`),
    await send(`${served.url}/nowhere`),
    await post(`${served.url}/api/query.count`, {}),
    await send(`${served.url}/api/health`, { headers: { host: 'evil.com' } }),
  ]
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
  expect(answers[0]!.text).not.toContain('<script')
  expect(answers[0]!.text).toContain('&#60;script&#62;')
})

test('without the token of the owner, only paths below the workspace may be named', async () => {
  served = await serveFake()
  served.fake.letOn()
  const owner = { authorization: `Bearer ${served.ownerToken}` }
  const importPath = (path: string, headers = {}) => post(`${served.url}/api/dataset.import?wait=1`, { path }, headers)
  for (const path of ['/etc', 'relative', join(served.app.workspace.folder, '..'), served.app.workspace.home]) {
    expect((await importPath(path)).json().code).toBe('PATH_OUTSIDE')
  }
  expect((await post(`${served.url}/api/dataset.export`, { to: '/tmp/out', format: 'coco' })).status).toBe(403)
  const inside = join(served.app.workspace.folder, 'data')
  await mkdir(inside)
  expect((await importPath(inside)).status).toBe(200)
  expect((await importPath('/etc', owner)).status).toBe(200)
})

test('the file with the owner token is for its owner alone and goes with the server', async () => {
  served = await serveFake()
  const file = served.app.workspace.serverFile
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await served.server.close()
  await expect(stat(file)).rejects.toThrow('ENOENT')
})

test('on any address but a loopback one, every request needs the token', async () => {
  served = await serveFake({ 'server.host': '0.0.0.0' })
  const token = served.server.token!
  expect(token.length).toBeGreaterThanOrEqual(32)
  const url = `${served.url}/api/query.count`
  expect((await post(url, {})).json().code).toBe('TOKEN_MISSING')
  expect((await post(url, {}, { authorization: 'Basic abc' })).json().code).toBe('TOKEN_MISSING')
  expect((await post(url, {}, { authorization: 'Bearer wrong' })).json().code).toBe('TOKEN_WRONG')
  expect((await post(url, {}, { cookie: 'fovea_token=wrong' })).json().code).toBe('TOKEN_WRONG')
  for (const path of ['/', '/docs', '/media/s_1', '/api/openapi.json', '/api/jobs/j_a_b/events', '/?x=token='])
    expect((await send(served.url + path)).status).toBe(401)
  expect((await send(`${served.url}/api/health`)).status).toBe(200)
  expect((await post(url, {}, { authorization: `Bearer ${token}` })).status).toBe(200)
  expect(served.fake.calls).toEqual([{ id: 'query.count', actor: 'remote' }])
  expect(
    (await post(`${served.url}/api/dataset.import`, { path: '/etc' }, { authorization: `Bearer ${token}` })).json()
      .code,
  ).toBe('PATH_OUTSIDE')
})

test('a browser brings the token once in the address, then in a cookie scripts cannot read', async () => {
  served = await serveFake({ 'server.host': '0.0.0.0', 'server.token': 'a-token-of-our-own' })
  const entered = await send(`${served.url}/?token=a-token-of-our-own`)
  expect(entered.status).toBe(303)
  expect(entered.headers['set-cookie']).toEqual(['fovea_token=a-token-of-our-own; HttpOnly; SameSite=Strict; Path=/'])
  expect((await send(`${served.url}/?token=wrong`)).headers['set-cookie']).toBeUndefined()
  expect((await send(`${served.url}/?token=a-token-of-our-own&token=b`)).status).toBe(401)
  expect((await send(`${served.url}/`, { headers: { cookie: 'a=b; fovea_token=a-token-of-our-own' } })).status).toBe(
    200,
  )
})

test('a wrong token is refused on a loopback address too', async () => {
  served = await serveFake()
  expect((await post(`${served.url}/api/query.count`, {}, { authorization: 'Bearer wrong' })).json().code).toBe(
    'TOKEN_WRONG',
  )
})

test('too many requests are told when to come back; the owner is not slowed down', async () => {
  served = await serveFake({ 'limits.ratePerMinute': '5' })
  const url = `${served.url}/api/query.count`
  const statuses: number[] = []
  for (let i = 0; i < 7; i++) statuses.push((await post(url, {})).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  const refused = await post(url, {})
  expect(refused.json().code).toBe('TOO_MANY_REQUESTS')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await post(url, {}, { authorization: `Bearer ${served.ownerToken}` })).status).toBe(200)
})

test.each([
  ['Ada', 'Ada (remote)'],
  ['J%C3%BCrgen%20%F0%9F%90%88', 'Jürgen 🐈 (remote)'],
  ['%E2%80%AEada%00%0A%E2%80%8B%20x%EF%BB%BF', 'ada x (remote)'],
  ['Ada%20(local)', 'Ada local (remote)'],
  ['%20%0A', 'remote'],
  ['50%', '50% (remote)'],
  ['%3Cimg%20src=x%20onerror=alert(1)%3E', '<img src=x onerror=alert 1 > (remote)'],
  [encodeURIComponent('🐈'.repeat(9)) + 'x'.repeat(3_000), `${'🐈'.repeat(9)}${'x'.repeat(51)} (remote)`],
])('a name that somebody gives never stands alone: %s', async (name, actor) => {
  served = await serveFake({ 'server.host': '0.0.0.0' })
  const headers = { authorization: `Bearer ${served.server.token!}`, 'x-fovea-name': name }
  expect((await post(`${served.url}/api/query.count`, {}, headers)).status).toBe(200)
  expect(served.fake.calls).toEqual([{ id: 'query.count', actor }])
})

test('a name opens nothing, and the owner keeps what is theirs', async () => {
  served = await serveFake()
  const named = { 'x-fovea-name': 'local' }
  const path = '/etc'
  expect((await post(`${served.url}/api/dataset.import`, { path }, named)).json().code).toBe('PATH_OUTSIDE')
  const owner = { authorization: `Bearer ${served.ownerToken}`, ...named }
  served.fake.letOn()
  expect((await post(`${served.url}/api/dataset.import?wait=1`, { path }, owner)).status).toBe(200)
  expect(served.fake.calls).toEqual([{ id: 'dataset.import', actor: 'local (local)' }])
})
