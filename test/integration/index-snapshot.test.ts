// An index server as a process that is stopped, killed and started again: it answers with what it knew before any node
// has found it again. And its snapshot on a disk that is full.

import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readForm } from '../../cli/files.ts'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { dialWebSocket } from '../../cli/ws-dialler.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  updateBytes,
  type FromIndex,
  type ToIndex,
} from '../../protocol/index-messages.ts'
import type { Currency, RequestId } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { smallDisk } from '../contract/small-disk.ts'
import { LinkClient } from '../support/link-client.ts'
import { DONE, run, RunningProgram } from '../support/program.ts'
import { readSnapshot } from '../support/snapshot.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { freeAddress } from '../support/tutorial.ts'

const [alice, bob, asker] = [1, 2, 3].map((seed) => nobleProvider.signer(new Uint8Array(32).fill(seed))) as [
  Signer,
  Signer,
  Signer,
]
const CREDIT = 'credit' as Currency
/** Until the next snapshot is written, and some. */
const NEXT_MS_MAX = 40_000

type Client = LinkClient<FromIndex, ToIndex>

class Place {
  readonly folder: string
  readonly snapshot: string
  readonly #address: string
  #starts = 0

  constructor(folder: string, address: string) {
    this.folder = folder
    this.snapshot = join(folder, 'index.snapshot')
    this.#address = address
    expect(run(folder, 'stmgr gen-ident --output index.ident')).toEqual(DONE)
  }

  async start(): Promise<RunningProgram> {
    const ticket = `index${++this.#starts}.ticket`
    const server = new RunningProgram(
      this.folder,
      `stindex --idfile index.ident --listen ${this.#address} --snapshot ${this.snapshot} --output ${ticket}`,
    )
    onTestFinished(async () => {
      await server.ends('SIGKILL')
    })
    await server.says(/^offstindex1/)
    return server
  }

  get #ticket(): string {
    return join(this.folder, `index${this.#starts}.ticket`)
  }

  async connect(signer: Signer): Promise<Client> {
    const form = await readForm(this.#ticket, 'index')
    if (!form.ok) throw new Error(form.error.message)
    const { address, publicKey } = form.value.ticket
    const client: Client = new LinkClient<FromIndex, ToIndex>({
      socket: await dialWebSocket(`ws://${address}`),
      clock: systemClock,
      random: systemRandom,
      signer,
      server: publicKey,
      prologue: INDEX_PROLOGUE,
      says: toIndex,
      hears: fromIndex,
    })
    await client.until(() => client.heard.length > 0 || client.ended !== undefined)
    return client
  }

  /** A node connects and reports that it can receive 100 from its friend. */
  async report(node: Signer, friend: Signer): Promise<void> {
    const client = await this.connect(node)
    const [hello] = client.heard
    if (hello?.kind !== 'freshness') throw new Error('a server says a hash first')
    const edge = { friend: friend.publicKey, currency: CREDIT, capacity: 100n, rate: { mul: 0, add: 0 } }
    const session = toBase64url(systemRandom(16)) as RequestId
    const head = { node: node.publicKey, session, counter: 1, freshness: hello.hash, full: true }
    const body = update.encode({ ...head, edges: [edge] })
    client.say({ kind: 'update', body, signature: node.sign(updateBytes(body)) })
  }

  /** What a stranger is told who asks how Alice can pay Bob. */
  async ask(): Promise<FromIndex> {
    const client = await this.connect(asker)
    const [source, destination] = [alice.publicKey, bob.publicKey]
    const exclusions = { excludedNodes: [], excludedEdges: [], rooms: [] }
    const query = { id: 1, currency: CREDIT, amount: 60n, source, destination, maxParts: 1, ...exclusions }
    client.say({ kind: 'query', ...query })
    const answer = (): FromIndex | undefined => client.heard.find(({ kind }) => kind !== 'freshness')
    await client.until(() => answer() !== undefined)
    client.link.close()
    return answer()!
  }

  /** How many nodes the snapshot holds that is there now. */
  async saved(): Promise<number> {
    const form = await readForm(this.#ticket, 'index')
    const bytes = await readFile(this.snapshot).catch(() => new Uint8Array(0))
    if (!form.ok) return 0
    const nodes = readSnapshot(bytes, form.value.ticket.publicKey, Date.now())
    return nodes.ok ? nodes.value.size : 0
  }
}

describe('an index server that was started again', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'IDX-26 answers before any node has found it again, after %s',
    async (signal) => {
      const place = new Place(await temporaryFolder(), await freeAddress())
      const server = await place.start()
      await place.report(alice, bob)
      await place.report(bob, alice)
      await expect.poll(() => place.ask()).toMatchObject({ kind: 'routes' })
      // Whoever is killed only has what was written before.
      if (signal === 'SIGKILL') {
        await expect.poll(() => place.saved(), { timeout: NEXT_MS_MAX }).toBe(2)
      }
      await server.ends(signal)

      const again = await place.start()
      const [source, destination] = [alice.publicKey, bob.publicKey]
      expect(await place.ask()).toMatchObject({
        kind: 'routes',
        routes: [{ nodes: [source, destination], amount: 60n, fees: 0n }],
      })
      expect(await again.ends('SIGTERM')).toBe(0)
    },
    90_000,
  )

  it('IDX-26 starts empty, and says why, when its snapshot is damaged', async () => {
    const place = new Place(await temporaryFolder(), await freeAddress())
    const first = await place.start()
    expect(await first.ends('SIGTERM')).toBe(0)
    const bytes = await readFile(place.snapshot)
    await writeFile(place.snapshot, bytes.subarray(1))
    const server = await place.start()
    await server.says(
      /index\.snapshot cannot be used: it is no snapshot of an index server\. It is left as it is/,
    )
    expect(await place.ask()).toMatchObject({ kind: 'noRoute' })
    expect(await server.ends('SIGTERM')).toBe(0)
    expect(await readFile(place.snapshot)).toEqual(bytes.subarray(1))
  }, 60_000)

  it('IDX-26 works on while its disk is full, says so, and keeps a snapshot again when there is room', async () => {
    const disk = await smallDisk()
    const place = new Place(disk.folder, await freeAddress())
    const server = await place.start()
    await expect.poll(() => stat(place.snapshot).catch(() => undefined)).toBeDefined()
    await place.report(alice, bob)
    await place.report(bob, alice)
    await disk.fill(server.pid)
    await expect
      .poll(() => server.lines.filter((line) => /index\.snapshot cannot be written/.test(line)), {
        timeout: NEXT_MS_MAX,
      })
      .toHaveLength(1)
    expect(await place.ask()).toMatchObject({ kind: 'routes' })
    await disk.free(server.pid)
    await expect.poll(() => place.saved(), { timeout: NEXT_MS_MAX }).toBe(2)
    expect(await server.ends('SIGTERM')).toBe(0)
  }, 120_000)
})
