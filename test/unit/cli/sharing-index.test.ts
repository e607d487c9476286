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
import type { Result } from '../../../protocol/result.ts'
import { publicKey as publicKeyCodec } from '../../../protocol/wire.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
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
