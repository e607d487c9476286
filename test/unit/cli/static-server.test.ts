import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isHashed, loadStaticFiles, serveStatic } from '../../../cli/static-server.ts'
import { rawRequest } from '../../support/raw-http.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const SCRIPT = 'export const answer = 42\n'.repeat(100)

/** A folder with a wallet, and a secret beside it; returns the port of its server. */
async function serve(): Promise<number> {
  const folder = await temporaryFolder()
  const wallet = join(folder, 'web')
  await mkdir(join(wallet, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'SECRET')
  await writeFile(join(wallet, 'index.html'), '<!doctype html><title>Offst</title>')
  await writeFile(join(wallet, 'assets/index-B4x_c9Qe.js'), SCRIPT)
  await writeFile(join(wallet, 'assets/shared-worker.js'), SCRIPT)
  const files = await loadStaticFiles(wallet)
  if (!files.ok) throw new Error(files.error.message)
  const server = createServer((request, response) => serveStatic(files.value, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('static server', () => {
  it('serves the page under strict headers', async () => {
    const answer = await rawRequest(await serve(), 'GET / HTTP/1.1')
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('<title>Offst</title>')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    })
    const policy = answer.headers['content-security-policy']
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toMatch(/unsafe|\*/)
  })

  it('lets browsers keep what has a hash in its name, and ask for everything else', async () => {
    const port = await serve()
    const hashed = await rawRequest(port, 'GET /assets/index-B4x_c9Qe.js HTTP/1.1')
    expect(hashed.headers['cache-control']).toContain('immutable')
    expect(hashed.headers['content-type']).toBe('text/javascript; charset=utf-8')
    const worker = await rawRequest(port, 'GET /assets/shared-worker.js HTTP/1.1')
    expect(worker.headers['cache-control']).toBe('no-cache')
    expect(isHashed('/assets/card-fallback.js')).toBe(false)
    expect(isHashed('/index-B4x_c9Qe.js')).toBe(false)
  })

  it('answers an unchanged file without sending it again', async () => {
    const port = await serve()
    const { etag } = (await rawRequest(port, 'GET / HTTP/1.1')).headers
    const again = await rawRequest(port, 'GET / HTTP/1.1', [`If-None-Match: ${etag}`])
    expect([again.status, again.body]).toEqual([304, ''])
    expect((await rawRequest(port, 'GET / HTTP/1.1', ['If-None-Match: W/"other"'])).status).toBe(200)
  })

  it('compresses for those who can read it', async () => {
    const port = await serve()
    const line = 'GET /assets/index-B4x_c9Qe.js HTTP/1.1'
    const gzipped = await rawRequest(port, line, ['Accept-Encoding: br, gzip'])
    expect(gzipped.headers['content-encoding']).toBe('gzip')
    expect(Number(gzipped.headers['content-length'])).toBeLessThan(SCRIPT.length / 5)
    const plain = await rawRequest(port, line, ['Accept-Encoding: gzip;q=0, br'])
    expect([plain.headers['content-encoding'], plain.body]).toEqual([undefined, SCRIPT])
  })

  it('answers HEAD without a body, and refuses to change anything', async () => {
    const port = await serve()
    const head = await rawRequest(port, 'HEAD / HTTP/1.1')
    expect([head.status, head.body]).toEqual([200, ''])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await rawRequest(port, `${method} / HTTP/1.1`)
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD'])
    }
  })

  it('never leaves its folder, whatever the path says', async () => {
    const port = await serve()
    const paths = [
      '/../secret.txt',
      '/../../etc/passwd',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/../../secret.txt',
      '/assets/..%5c..%5csecret.txt',
      '//etc/passwd',
      '/\\..\\secret.txt',
      '/index.html%00.js',
      '/__proto__',
      '/constructor',
      '/assets',
      '/assets/',
      'http://other/../secret.txt',
      `/${'a/'.repeat(4000)}`,
      '*',
    ]
    for (const path of paths) {
      const answer = await rawRequest(port, `GET ${path} HTTP/1.1`)
      expect([path, answer.status]).toEqual([path, 404])
      expect(answer.body).not.toContain('SECRET')
    }
  })

  it('says what to do when the wallet has not been built', async () => {
    const folder = await temporaryFolder()
    for (const path of [folder, join(folder, 'nowhere')]) {
      const files = await loadStaticFiles(path)
      expect(files).toMatchObject({ ok: false, error: { code: 'missingFolder' } })
    }
  })
})
