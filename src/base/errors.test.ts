import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue, type ErrorCode } from '#contract'
import { throwIfAborted } from './abort.ts'
import { FoveaError, readStorageFault, toFoveaError } from './errors.ts'

const codes = Object.keys(errorCatalogue) as ErrorCode[]

describe('the catalogue of errors', () => {
  it.each(codes)('gives %s an HTTP error status and an exit code of its own range', (code) => {
    const { status, exit } = errorCatalogue[code]
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThanOrEqual(599)
    expect(exit).toBeGreaterThan(0)
    expect(exit).toBeLessThanOrEqual(255)
  })
})

describe('FoveaError', () => {
  it('carries status and exit code of its code', () => {
    const error = new FoveaError('DATASET_NOT_FOUND', 'There is no dataset called "tile".')
    expect([error.status, error.exitCode]).toEqual([404, 4])
    expect(error).toBeInstanceOf(Error)
  })

  it.each(codes)('comes back whole from the wire: %s', (code) => {
    const error = new FoveaError(code, 'm', { hint: 'h', details: { at: 3 }, cause: new Error('inner') })
    const body = JSON.parse(JSON.stringify(error.toBody()))
    expect(body).toEqual({ code, message: 'm', hint: 'h', details: { at: 3 } })
    expect(FoveaError.fromBody(body).toBody()).toEqual(body)
  })

  it('leaves out what was not given', () => {
    expect(new FoveaError('INTERNAL', 'm').toBody()).toEqual({ code: 'INTERNAL', message: 'm' })
  })
})

describe('toFoveaError', () => {
  it('keeps a FoveaError as it is', () => {
    const error = new FoveaError('INPUT_INVALID', 'm')
    expect(toFoveaError(error)).toBe(error)
  })

  it('knows an abort', () => {
    const controller = new AbortController()
    controller.abort()
    expect(toFoveaError(controller.signal.reason).code).toBe('CANCELLED')
  })

  it('knows a disk that is full, and a folder that cannot be written', async () => {
    const of = (code: string, syscall: string, more: object = {}) =>
      toFoveaError(Object.assign(new Error(`${code}: no, ${syscall}`), { code, syscall, ...more }))
    expect(of('ENOSPC', 'write')).toMatchObject({
      code: 'STORAGE_FULL',
      message: 'A file cannot be written: there is no space left.',
      hint: 'Make room on the disk, and run the same command again.',
      details: { reason: 'ENOSPC' },
    })
    const copied = of('EDQUOT', 'copyfile', { path: '/a', dest: '/b' })
    expect([copied.code, copied.message]).toEqual(['STORAGE_FULL', '/b cannot be written: the quota is used up.'])
    const full = Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' })
    expect(readStorageFault(full, '/exports/a')?.message).toBe('/exports/a cannot be written: there is no space left.')
    expect(of('EROFS', 'mkdir', { path: '/a' }).code).toBe('STORAGE_DENIED')
    expect(of('EACCES', 'listen').code).toBe('INTERNAL')
    expect(of('ENOENT', 'open').code).toBe('INTERNAL')
    expect([of('EEXIST', 'open').code, of('EEXIST', 'mkdir', { path: '/a' }).code]).toEqual([
      'INTERNAL',
      'STORAGE_DENIED',
    ])
    const real = await mkdir(join(import.meta.filename, 'folder')).catch(toFoveaError)
    expect(real).toMatchObject({ code: 'STORAGE_DENIED', message: expect.stringContaining('a file stands') })
  })

  it.each([
    [new TypeError('x is not a function')],
    ['x is not a function'],
    [{ toString: (): string => 'x is not a function' }],
  ])('wraps the unexpected: %o', (caught) => {
    const error = toFoveaError(caught)
    expect(error.code).toBe('INTERNAL')
    expect(error.message).toContain('x is not a function')
    expect(error.cause).toBe(caught)
  })
})

describe('throwIfAborted', () => {
  it('does nothing without a signal or before it fires', () => {
    expect(() => throwIfAborted(undefined)).not.toThrow()
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow()
  })

  it('throws CANCELLED, or the reason when that is one of ours', () => {
    expect(() => throwIfAborted(AbortSignal.abort())).toThrow(expect.objectContaining({ code: 'CANCELLED' }))
    const reason = new FoveaError('WORKSPACE_BUSY', 'm')
    expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(reason)
  })
})
