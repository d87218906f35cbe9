import { expect, test } from 'vitest'
import { describeServer, showToken } from './serving.ts'

const url = 'http://10.0.0.7:7077'
const server = { url, token: 'made-for-this-start', close: async () => {} }

test('a token made for this start is told, one that was configured is not', () => {
  expect(describeServer(server, '/data', undefined)).toBe(
    `Serving /data\n${url}/?token=made-for-this-start\nToken: made-for-this-start (send it as "Authorization: Bearer TOKEN")\nStop with Ctrl-C.\n`,
  )
  const configured = { ...server, token: 'known-to-its-owner' }
  expect(describeServer(configured, '/data', configured.token)).toBe(
    `Serving /data\n${url}/?token=TOKEN\nTOKEN is that of server.token (send it as "Authorization: Bearer TOKEN")\nStop with Ctrl-C.\n`,
  )
  expect(showToken(configured, configured.token)).toBe('TOKEN')
})

test('a server on a loopback address speaks of no token, configured or not', () => {
  const open = { ...server, token: null }
  for (const configured of [undefined, 'known-to-its-owner'])
    expect(describeServer(open, '/data', configured)).toBe(`Serving /data\n${url}\nStop with Ctrl-C.\n`)
})
