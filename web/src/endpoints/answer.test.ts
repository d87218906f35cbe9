import { expect, test } from 'vitest'
import { writeCurl } from './answer.ts'

const question = { endpoint: 'kinds', task: 'classification', key: 'secret', top: 5, threshold: '' }

test('writes the request for a shell, whatever the file is called, without the key', () => {
  expect(writeCurl(question, 'a.png', 'http://h')).toBe(
    `curl -F 'image=@"a.png"' 'http://h/v1/endpoints/kinds/predict?top=5'`,
  )
  const line = writeCurl({ ...question, task: 'anomaly', threshold: '0.4' }, `it's "x";.png`, 'http://h', {
    hasKey: true,
    asPng: true,
  })
  expect(line).toBe(
    `curl -F 'image=@"it'\\''s \\"x\\";.png"' -H "X-API-Key: $KEY" -H 'Accept: image/png' -o mask.png ` +
      `'http://h/v1/endpoints/kinds/predict?threshold=0.4'`,
  )
  expect(line).not.toContain('secret')
  const masks = { ...question, task: 'segmentation', threshold: '0.4' }
  expect(writeCurl(masks, 'a.png', 'http://h')).toContain(`'http://h/v1/endpoints/kinds/predict?mask=rle'`)
  expect(writeCurl(masks, 'a.png', 'http://h', { asPng: true })).toContain(`'http://h/v1/endpoints/kinds/predict'`)
})
