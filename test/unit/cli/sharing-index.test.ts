// Index servers that share, with real folders and real connections on loopback.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Operation } from '../../../cli/operation/operation.ts'
import { NO_OPERATION } from '../../../cli/operation/options.ts'
import { startSharingIndex, type SharingIndex, type SharingOptions } from '../../../cli/sharing-index.ts'
import { systemClock, systemRandom } from '../../../cli/system.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import { readAs, toToml } from '../../../protocol/forms.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  updateBytes,
  type FromIndex,
  type ToIndex,
} from '../../../protocol/index-messages.ts'
import type { Result } from '../../../protocol/result.ts'
import type { Currency, RequestId } from '../../../protocol/types.ts'
import { publicKey as publicKeyCodec, toBase64url } from '../../../protocol/wire.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
import { LinkClient } from '../../support/link-client.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const [low, high] = [1, 2]
  .map((seed) => nodeProvider.signer(new Uint8Array(32).fill(seed)))
  .sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b))) as [Signer, Signer]

function bytesOf({ publicKey }: Signer): Uint8Array {
  return publicKeyCodec.encode(publicKey)
}

/** What a program says, and waiting for it. */
class Terminal {
  readonly lines: string[] = []
  readonly out = (line: string): number => this.lines.push(line)
  readonly error = (line: string): number => this.lines.push(line)

  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = this.lines.find((one) => pattern.test(one))
      if (line !== undefined) return line
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

async function start(
  signer: Signer,
  options: SharingOptions,
  terminal = new Terminal(),
): Promise<Result<SharingIndex>> {
  const environment = { signer, crypto: nodeProvider, clock: systemClock, random: systemRandom }
  const operation = await Operation.start(NO_OPERATION, 'stindex', terminal)
  if (!operation.ok) return operation
  const started = await startSharingIndex(environment, options, operation.value, terminal)
  onTestFinished(async () => {
    if (started.ok) await started.value.close()
    await operation.value.close()
  })
  return started
}

/** A server with a folder and a port of its own, and its ticket as a file of that folder of another one. */
async function startOne(signer: Signer): Promise<{ terminal: Terminal; trusted: string; ticket: string }> {
  const [terminal, trusted] = [new Terminal(), await temporaryFolder()]
  expect(await start(signer, { lserver: '127.0.0.1:0', trusted }, terminal)).toMatchObject({ ok: true })
  const form = readAs(await terminal.says(/^offstindex1/), 'index')
  if (!form.ok) throw new Error(form.error.message)
  return { terminal, trusted, ticket: toToml(form.value) }
}

describe('index servers that share', () => {
  it('IDX-16 meet as soon as each has the ticket of the other, and say so; no longer when one is taken away', async () => {
    const [one, other] = [await startOne(low), await startOne(high)]
    await writeFile(join(one.trusted, 'other.ticket'), other.ticket)
    await one.terminal.says(/^other\.ticket: this index server does not list ours/)
    await writeFile(join(other.trusted, 'one.ticket'), one.ticket)
    await other.terminal.says(/^one\.ticket: waits for this index server/)
    await one.terminal.says(/^other\.ticket: connected/)
    await other.terminal.says(/^one\.ticket: connected/)
    await rm(join(other.trusted, 'one.ticket'))
    await other.terminal.says(/^one\.ticket: no longer trusted/)
  }, 30_000)

  it('IDX-16 one without a port for others dials them', async () => {
    const other = await startOne(low)
    const terminal = new Terminal()
    const trusted = await temporaryFolder()
    await writeFile(join(trusted, 'other.ticket'), other.ticket)
    const mine = { kind: 'index', ticket: { publicKey: high.publicKey, address: '127.0.0.1:1' } } as const
    await writeFile(join(other.trusted, 'mine.ticket'), toToml(mine))
    expect(await start(high, { trusted }, terminal)).toMatchObject({ ok: true })
    expect(terminal.lines[0]).toMatch(/cannot dial this one/)
    await terminal.says(/^other\.ticket: connected/)
  }, 30_000)

  it('IDX-16 know whom they trust before anybody can reach them', async () => {
    const [terminal, trusted] = [new Terminal(), await temporaryFolder()]
    const lower = { kind: 'index', ticket: { publicKey: low.publicKey, address: '127.0.0.1:1' } } as const
    await writeFile(join(trusted, 'low.ticket'), toToml(lower))
    expect(await start(high, { lserver: '127.0.0.1:0', trusted }, terminal)).toMatchObject({ ok: true })
    expect(terminal.lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^low\.ticket: waits for this index server/),
      expect.stringMatching(/^Other index servers reach it on port/),
    ])
  })

  it('tell people who come to their port for servers with a browser what it is', async () => {
    const { terminal } = await startOne(low)
    const form = readAs(await terminal.says(/^offstindex1/), 'index')
    const page = await fetch(`http://${form.ok ? form.value.ticket.address : ''}`)
    expect([page.status, await page.text()]).toEqual([426, expect.stringContaining('other index servers')])
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('say what is wrong with a file in their folder, and go on', async () => {
    const [terminal, trusted] = [new Terminal(), await temporaryFolder()]
    const relay = { kind: 'relay', ticket: { publicKey: low.publicKey, address: '127.0.0.1:1' } } as const
    await writeFile(join(trusted, 'relay.ticket'), toToml(relay))
    const started = await start(high, { trusted }, terminal)
    expect(terminal.lines).toContainEqual(
      expect.stringMatching(/relay\.ticket: .*left out: only tickets of index servers belong into/),
    )
    expect(started.ok && started.value.stats().federation?.trusted).toBe(0)
  })

  it('IDX-26 keep for their next start what those have said whose connections end with them', async () => {
    const snapshot = join(await temporaryFolder(), 'index.snapshot')
    const first = await start(low, { snapshot })
    if (!first.ok) throw new Error(first.error.message)
    first.value.opened()
    const [mine, servers] = MemorySocket.pair(systemClock)
    first.value.accept(servers)
    const client = new LinkClient<FromIndex, ToIndex>({
      socket: mine,
      clock: systemClock,
      random: systemRandom,
      signer: high,
      server: low.publicKey,
      prologue: INDEX_PROLOGUE,
      says: toIndex,
      hears: fromIndex,
    })
    await client.until(() => client.heard.length > 0)
    const [hello] = client.heard
    if (hello?.kind !== 'freshness') throw new Error('a server says a hash first')
    const session = toBase64url(systemRandom(16)) as RequestId
    const head = { node: high.publicKey, session, counter: 1, freshness: hello.hash, full: true }
    const currency = 'credit' as Currency
    const edge = { friend: low.publicKey, currency, capacity: 1n, rate: { mul: 0, add: 0 } }
    const body = update.encode({ ...head, edges: [edge] })
    client.say({ kind: 'update', body, signature: high.sign(updateBytes(body)) })
    await expect.poll(() => first.value.stats().nodes).toBe(1)

    const closed = first.value.close()
    servers.onClose()
    await closed
    const second = await start(low, { snapshot })
    expect(second.ok && second.value.stats().nodes).toBe(1)
  })

  it('do not start without their folder, without a port that is free, or with a port for nobody', async () => {
    const folder = await temporaryFolder()
    const taken = await startOne(low)
    const form = readAs(await taken.terminal.says(/^offstindex1/), 'index')
    const address = form.ok ? form.value.ticket.address : ''
    await mkdir(join(folder, 'trusted'))
    const trusted = join(folder, 'trusted')
    expect(await start(high, { trusted: join(folder, 'none') })).toMatchObject({
      error: { code: 'unreadableFolder' },
    })
    expect(await start(high, { trusted, lserver: 'nonsense' })).toMatchObject({ error: { code: 'usage' } })
    expect(await start(high, { trusted, lserver: address })).toMatchObject({ error: { code: 'portInUse' } })
    expect(await start(high, { lserver: '127.0.0.1:0' })).toMatchObject({ error: { code: 'usage' } })
  })
})
