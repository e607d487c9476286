// All that a program which serves strangers has around its service: how it is watched, who may come in, how it ends.

import { fail, ok, type Result } from '../../protocol/result.ts'
import { reasonOf } from '../files.ts'
import { listen, parseHostPort, type Listener, type ListenOptions } from '../http-listener.ts'
import { systemClock } from '../system.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'
import { listenForAdmin } from './admin.ts'
import { Certificate } from './certificate.ts'
import { isLoopbackAddress } from './client-address.ts'
import { Door } from './door.ts'
import { Health } from './health.ts'
import { linkMetrics, LinkCounts, type CountedServer } from './link-metrics.ts'
import { Log, type LogFormat } from './log.ts'
import { createMetrics, type Metric, type Metrics } from './metrics.ts'
import type { OperationOptions } from './options.ts'

const FORMATS: readonly LogFormat[] = ['json', 'text', 'off']

export class Operation {
  readonly log: Log
  readonly health = new Health()
  readonly trustsProxy: boolean
  readonly certificate: Certificate | undefined
  readonly #door: Door
  #metrics: Metrics | undefined
  #admin: Listener | undefined
  #hasWarned = false

  private constructor(options: OperationOptions, log: Log, certificate: Certificate | undefined) {
    this.log = log
    this.certificate = certificate
    this.trustsProxy = options.trustProxy
    this.#door = new Door({
      trustsProxy: options.trustProxy,
      now: () => systemClock.now(),
      onRefused: (reason, address) =>
        log.tally('refused', reason, options.logAddresses && address !== undefined ? { address } : {}),
    })
  }

  /** Faults of the options, of the certificate, and of the admin address, which answers from now on. */
  static async start(
    options: OperationOptions,
    program: string,
    terminal: Terminal,
  ): Promise<Result<Operation>> {
    const format = parseFormat(options.log)
    if (!format.ok) return format
    const log = new Log({
      format: format.value,
      program,
      clock: systemClock,
      write: (line) => (terminal.log ?? terminal.error)(line),
      complain: (sentence) => terminal.error(sentence),
    })
    const certificate = await openCertificate(options, log)
    if (!certificate.ok) return certificate
    const operation = new Operation(options, log, certificate.value)
    const admin =
      options.admin === undefined ? ok(undefined) : await operation.#openAdmin(options.admin, program)
    if (admin.ok) return ok(operation)
    await operation.close()
    return admin
  }

  /** Hears of the links of one of the program's servers. @param server how labels name it. */
  countLinks(server: string): LinkCounts {
    return new LinkCounts(server, this.log, this.#metrics)
  }

  /** @param servers those whose links are counted. @param metrics what they say of their work. */
  watch(servers: readonly CountedServer[], metrics: readonly Metric[]): void {
    this.#metrics?.add([...linkMetrics(servers), ...metrics])
  }

  /** Opens the public port, with TLS if there is a certificate. Faults of `listen`. */
  async listen(
    options: Pick<ListenOptions, 'host' | 'port' | 'onRequest' | 'endpointOf'>,
  ): Promise<Result<Listener>> {
    const listener = await listen({
      ...options,
      door: this.#door,
      certificate: this.certificate,
      onFault: (error) => this.#warnOfFault(error),
    })
    if (!listener.ok) return listener
    const { host, port } = listener.value
    this.log.info('listening', { host, port, tls: this.certificate !== undefined })
    if (this.trustsProxy && !isLoopbackAddress(host) && host !== 'localhost') {
      const hint = 'let only the proxy reach this port'
      this.log.warn(
        'proxyTrusted',
        `With --trust-proxy, whoever reaches ${host} can say to be anybody: ${hint}.`,
      )
    }
    return listener
  }

  /** Ends in order: nobody new, farewells, what is under way, and then all the rest. */
  async stop(listener: Listener, letGo: () => void | Promise<void>): Promise<void> {
    this.health.draining()
    this.log.info('draining')
    await listener.close(letGo)
    this.log.close()
    this.log.info('stopped')
    await this.close()
  }

  /** Ends what is watched, when nothing is served. */
  async close(): Promise<void> {
    this.certificate?.close()
    this.log.close()
    await this.#admin?.close()
  }

  /** Said once; the door counts them all. */
  #warnOfFault(error: Error): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const advice = 'The port goes on; give this machine more room for open files and connections'
    this.log.warn('acceptFailed', `A connection could not be taken: ${reasonOf(error)}. ${advice}.`)
  }

  async #openAdmin(place: string, program: string): Promise<Result<void>> {
    const address = parseHostPort(place, '--admin')
    if (!address.ok) return address
    const metrics = await createMetrics()
    const admin = await listenForAdmin(address.value, { health: this.health, metrics })
    if (!admin.ok) return admin
    this.#admin = admin.value
    this.#metrics = metrics
    metrics.add([
      {
        name: 'offst_info',
        help: 'Program and version',
        kind: 'gauge',
        labels: ['program', 'version'],
        read: () => [[1, { program, version: packageVersion() }]],
      },
      {
        name: 'offst_ready',
        help: '1 while /healthz says ready',
        kind: 'gauge',
        read: () => Number(this.health.report().state === 'ready'),
      },
      ...this.#door.metrics(),
      ...(this.certificate?.metrics() ?? []),
    ])
    this.log.info('adminListening', { host: admin.value.host, port: admin.value.port })
    return ok(undefined)
  }
}

function parseFormat(text: string | undefined): Result<LogFormat | undefined> {
  const format = FORMATS.find((one) => one === text)
  if (format === undefined && text !== undefined) {
    return fail('usage', `--log "${text}" is no format: use one of ${FORMATS.join(', ')}.`)
  }
  return ok(format)
}

async function openCertificate(
  { tlsCert, tlsKey }: OperationOptions,
  log: Log,
): Promise<Result<Certificate | undefined>> {
  if (tlsCert === undefined && tlsKey === undefined) return ok(undefined)
  if (tlsCert === undefined || tlsKey === undefined) {
    return fail('usage', '--tls-cert and --tls-key belong together: give both, or none.')
  }
  return Certificate.open({ certPath: tlsCert, keyPath: tlsKey, clock: systemClock, log })
}
