import { expect, test } from 'vitest'
import { writeCurl } from './answer.ts'

const question = { endpoint: 'kinds', key: 'secret', top: 5, threshold: '' }

test('writes the request for a shell, whatever the file is called, without the key', () => {
  expect(writeCurl(question, 'a.png', 'http://h')).toBe(
    `curl -F 'image=@"a.png"' 'http://h/v1/endpoints/kinds/predict?mask=rle&top=5'`,
  )
  const line = writeCurl({ ...question, threshold: '0.4' }, `it's "x";.png`, 'http://h', { hasKey: true, asPng: true })
  expect(line).toBe(
    `curl -F 'image=@"it'\\''s \\"x\\";.png"' -H "X-API-Key: $KEY" -H 'Accept: image/png' -o mask.png ` +
      `'http://h/v1/endpoints/kinds/predict?mask=rle&top=5&threshold=0.4'`,
  )
  expect(line).not.toContain('secret')
})
