// Serves the built wallet from memory: what is not in the folder at the start does not exist, whatever a path says.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { fail, ok, type Result } from '../protocol/result.ts'
import { SECURITY_HEADERS } from './security-headers.ts'

/** Bytes of all files together: a wallet is a few MB, and somebody may name the wrong folder. */
const TOTAL_BYTES_MAX = 64 * 1024 * 1024

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
const COMPRESSIBLE = /^(text\/|application\/(json|manifest)|image\/svg)/

/** A name that the build ended with a hash of the content, e.g. `assets/index-B4x_c9Qe.js`. */
const HASHED = /^\/assets\/.*-(?=[\w-]*[0-9A-Z_])[\w-]{8}\.\w+$/

const ALWAYS_ASK = 'no-cache'
const FOREVER = 'public, max-age=31536000, immutable'

interface StaticFile {
  readonly plain: Uint8Array
  readonly gzipped?: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** Files by their URL path. */
export type StaticFiles = ReadonlyMap<string, StaticFile>

/** Reads a folder; faults `missingFolder`, `tooLong`. */
export async function loadStaticFiles(folder: string): Promise<Result<StaticFiles>> {
  const files = new Map<string, StaticFile>()
  let total = 0
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = await readFile(file)
    total += bytes.length
    if (total > TOTAL_BYTES_MAX) return fail('tooLong', `${folder} is larger than any wallet.`)
    const path = `/${relative(folder, file).split(sep).join('/')}`
    files.set(path, await prepare(path, bytes))
  }
  const index = files.get('/index.html')
  if (index === undefined) {
    return fail('missingFolder', `There is no built wallet in ${folder}: run "npm run build" first.`)
  }
  files.set('/', index)
  return ok(files)
}

/** Whether a file's name changes with its content, so that a browser may keep it forever. */
export function isHashed(path: string): boolean {
  return HASHED.test(path)
}

/** Answers GET and HEAD with a file; everything else with its error. */
export function serveStatic(files: StaticFiles, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'Only GET and HEAD are answered here.', { allow: 'GET, HEAD' })
    return
  }
  const file = files.get(pathOf(request))
  if (file === undefined) {
    refuse(response, 404, 'There is nothing here. The wallet is at "/".')
    return
  }
  if (request.headers['if-none-match'] === file.headers.etag) {
    response.writeHead(304, { ...SECURITY_HEADERS, ...file.headers }).end()
    return
  }
  const isGzipped = file.gzipped !== undefined && acceptsGzip(request)
  const body = isGzipped ? file.gzipped : file.plain
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    ...file.headers,
    ...(isGzipped ? { 'content-encoding': 'gzip' } : {}),
    'content-length': body.length,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** The path as it was asked for, without its query; not decoded, since none of our names needs it. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#].*$/s, '')
}

export function refuse(
  response: ServerResponse,
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(`${sentence}\n`)
}

async function prepare(path: string, plain: Uint8Array): Promise<StaticFile> {
  const type = TYPES[extname(path)] ?? 'application/octet-stream'
  const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  const headers = {
    'content-type': type,
    'cache-control': isHashed(path) ? FOREVER : ALWAYS_ASK,
    vary: 'accept-encoding',
    etag,
  }
  if (!COMPRESSIBLE.test(type)) return { plain, headers }
  const gzipped = await promisify(gzip)(plain)
  return gzipped.length < plain.length ? { plain, gzipped, headers } : { plain, headers }
}

function acceptsGzip(request: IncomingMessage): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers['accept-encoding'] ?? '')
}
