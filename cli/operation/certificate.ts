// The certificate of a server that ends TLS itself: checked when it starts, and read again when its files change.

import { createPrivateKey, X509Certificate } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import { errorCode, reasonOf } from '../files.ts'
import { Counts } from './counts.ts'
import type { Log } from './log.ts'
import type { Metric } from './metrics.ts'

/** Certificate and key are replaced one after the other: they are read when nothing has changed for so long. */
const SETTLE_MS = 500
/** Some file systems tell nothing of changes, and none those behind a symbolic link: the files are also read this often. */
const POLL_MS = 10_000

/** PEM: the certificate with those that signed it, and its key. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  readonly certPath: string
  readonly keyPath: string
  readonly clock: Clock
  readonly log: Log
}

interface Loaded {
  readonly pair: Pair
  readonly leaf: X509Certificate
}

export class Certificate {
  readonly #options: CertificateOptions
  readonly #reloads = new Counts(['taken', 'refused'])
  readonly #watchers: FSWatcher[] = []
  readonly #listeners = new Set<(pair: Pair) => void>()
  #loaded: Loaded
  /** What was refused last, so that it is complained about once. */
  #refused = ''
  /** When they are read at the latest. */
  #readBy: number
  #cancel: () => void = () => undefined
  #isClosed = false

  private constructor(options: CertificateOptions, loaded: Loaded) {
    this.#options = options
    this.#loaded = loaded
    this.#readBy = options.clock.now() + POLL_MS
  }

  /** Reads the files and watches them from now on; faults `missingFile`, `unreadableFile`, `badCertificate`. */
  static async open(options: CertificateOptions): Promise<Result<Certificate>> {
    const loaded = await load(options.certPath, options.keyPath)
    if (!loaded.ok) return loaded
    const certificate = new Certificate(options, loaded.value)
    certificate.#warnOfTime()
    certificate.#watch()
    certificate.#readAfter(POLL_MS)
    return ok(certificate)
  }

  get pair(): Pair {
    return this.#loaded.pair
  }

  /** Calls the listener whenever there is a new one that is sound, until the returned function is called. */
  onChanged(listener: (pair: Pair) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Whether clients who dial this host will take it. */
  covers(host: string): boolean {
    const { leaf } = this.#loaded
    return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined
  }

  metrics(): Metric[] {
    return [
      {
        name: 'offst_certificate_expires_seconds',
        help: 'When the certificate in use expires, in seconds since 1970',
        kind: 'gauge',
        read: () => Date.parse(this.#loaded.leaf.validTo) / 1000,
      },
      {
        name: 'offst_certificate_reloads_total',
        help: 'Changes of the certificate or its key, by what became of them',
        kind: 'counter',
        labels: ['outcome'],
        read: () => this.#reloads.samples('outcome'),
      },
    ]
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
    for (const watcher of this.#watchers) watcher.close()
  }

  /** The folders, since programs that renew certificates put other files, or links, in the place of these. */
  #watch(): void {
    const { certPath, keyPath } = this.#options
    for (const folder of new Set([dirname(certPath), dirname(keyPath)])) {
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#readAfter(SETTLE_MS))
        // The poll goes on without it.
        watcher.on('error', () => watcher.close())
        this.#watchers.push(watcher)
      } catch {
        // The poll goes on without it.
      }
    }
  }

  #readAfter(delay_ms: number): void {
    if (this.#isClosed) return
    const { clock } = this.#options
    this.#cancel()
    // In a folder where something always changes, nothing would be read otherwise.
    const delay = Math.min(delay_ms, this.#readBy - clock.now())
    this.#cancel = clock.after(delay, () => {
      this.#readBy = clock.now() + POLL_MS
      void this.#read().then(() => this.#readAfter(POLL_MS))
    })
  }

  async #read(): Promise<void> {
    const { certPath, keyPath, log } = this.#options
    const loaded = await load(certPath, keyPath)
    if (this.#isClosed) return
    if (!loaded.ok) {
      if (this.#refused === loaded.error.message) return
      this.#refused = loaded.error.message
      this.#reloads.add('refused')
      log.error('certificateRefused', `${loaded.error.message} The certificate in use stays.`)
      return
    }
    this.#refused = ''
    const { cert, key } = loaded.value.pair
    if (cert === this.pair.cert && key === this.pair.key) return
    this.#loaded = loaded.value
    this.#reloads.add('taken')
    for (const listener of this.#listeners) listener(this.pair)
    log.info('certificateReloaded', { expires: new Date(loaded.value.leaf.validTo).toISOString() })
    this.#warnOfTime()
  }

  #warnOfTime(): void {
    const { certPath, clock, log } = this.#options
    const { validFrom, validTo } = this.#loaded.leaf
    const now = clock.now()
    if (Date.parse(validTo) <= now) {
      log.warn('certificateExpired', `The certificate ${certPath} has expired (${validTo}): renew it.`)
    } else if (Date.parse(validFrom) > now) {
      const hint = 'check the clock of this machine'
      log.warn('certificateNotYet', `The certificate ${certPath} is not valid before ${validFrom}: ${hint}.`)
    }
  }
}

async function load(certPath: string, keyPath: string): Promise<Result<Loaded>> {
  const cert = await readPem(certPath, 'certificate')
  if (!cert.ok) return cert
  const key = await readPem(keyPath, 'key')
  if (!key.ok) return key
  const pair = { cert: cert.value, key: key.value }
  try {
    const leaf = new X509Certificate(pair.cert)
    const secret = tryPrivateKey(pair.key)
    if (secret === undefined) {
      return fail('badCertificate', `${keyPath} holds no private key in PEM without a password.`)
    }
    if (!leaf.checkPrivateKey(secret)) {
      return fail('badCertificate', `The key ${keyPath} does not belong to the certificate ${certPath}.`)
    }
    createSecureContext(pair)
    return ok({ pair, leaf })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail('badCertificate', `${certPath} is no certificate in PEM that TLS can use (${reason}).`)
  }
}

function tryPrivateKey(pem: string): ReturnType<typeof createPrivateKey> | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

async function readPem(path: string, what: string): Promise<Result<string>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return fail('missingFile', `There is no file ${path}: name the ${what} in PEM.`)
    }
    return fail('unreadableFile', `The ${what} ${path} cannot be read: ${reasonOf(error)}.`)
  }
}
