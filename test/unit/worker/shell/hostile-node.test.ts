// A remote card whose node says what no node of ours would: nothing of it is shown, nothing grows, nothing breaks.

import { expect, it } from 'vitest'
import { APP_PROLOGUE } from '../../../../protocol/app-link.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { LinkAcceptor } from '../../../../protocol/link-acceptor.ts'
import type { ViewChange } from '../../../../worker/runtime/node.ts'
import { REMOTE_ENTRIES_MAX } from '../../../../worker/shell/limits.ts'
import { RemoteCard } from '../../../../worker/shell/remote-card.ts'
import { MemorySocket } from '../../../support/memory-socket.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const random = seededRandom('hostile node')
const [nodeSigner, app] = [nobleProvider.signer(random(32)), nobleProvider.signer(random(32))]
const card = nodeSigner.publicKey
const stranger = nobleProvider.signer(random(32)).publicKey
const server = { publicKey: stranger, address: 'relay:1', name: 'relay', state: 'offline' }

/** A node that has opened a link, and says whatever a test wants. */
class HostileNode {
  readonly clock = new VirtualClock()
  readonly told: ViewChange[] = []
  readonly remote: RemoteCard
  readonly #door: LinkAcceptor
  #connection: number | undefined
  dials = 0

  constructor() {
    const world = { crypto: nobleProvider, clock: this.clock, random }
    this.#door = new LinkAcceptor({
      ...world,
      signer: nodeSigner,
      prologue: APP_PROLOGUE,
      maxMessage: 1_000_000,
      clientsMax: 8,
      handshakesMax: 8,
      queueBytesMax: 1e9,
      onOpen: (connection) => (this.#connection = connection),
      onMessage: () => undefined,
      onClose: () => (this.#connection = undefined),
    })
    this.remote = new RemoteCard({
      ...world,
      signer: app,
      place: { publicKey: card, address: 'node:1', relays: [] },
      name: 'mine',
      created: 1,
      connect: async () => {
        const [mine, theirs] = MemorySocket.pair(this.clock)
        this.dials += 1
        this.#door.accept(theirs)
        return mine
      },
    })
    this.remote.subscribe((changes) => this.told.push(...changes))
  }

  static async start(): Promise<HostileNode> {
    const node = new HostileNode()
    node.remote.start()
    await node.passes()
    await node.says(change('card', card, { id: card, name: 'hers', created: 1, state: 'running' }))
    await node.says({ event: 'synced', card })
    expect(node.remote.card()).toMatchObject({ name: 'hers', state: 'running' })
    return node
  }

  async passes(): Promise<void> {
    for (let step = 0; step < 20; step++) {
      this.clock.advance(5)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async says(message: unknown): Promise<void> {
    await this.saysText(JSON.stringify(message))
  }

  async saysText(text: string): Promise<void> {
    if (this.#connection !== undefined) this.#door.send(this.#connection, new TextEncoder().encode(text))
    await this.passes()
  }

  /** All that was told of anything but the card itself. */
  get shown(): ViewChange[] {
    return this.told.filter(({ collection }) => collection !== 'card')
  }
}

function change(collection: string, key: string, value: unknown): unknown {
  return { event: 'change', card, changes: [{ collection, key, value }] }
}

const invoiceOf = (id: string) => ({
  id,
  state: 'open',
  currency: 'credit',
  amount: '1',
  created: 1,
  text: 'offstinvoice1…',
})
const friend = {
  publicKey: stranger,
  name: 'friend',
  added: 1,
  enabled: true,
  online: false,
  status: 'ready',
  relays: [],
  currencies: [],
}

it.each([
  [
    'a card of another key',
    change('card', stranger, { id: stranger, name: 'x', created: 1, state: 'running' }),
  ],
  [
    'another card under its key',
    change('card', card, { id: stranger, name: 'x', created: 1, state: 'running' }),
  ],
  ['an entry under the name of another', change('relays', card, server)],
  ['settings of another name', change('settings', 'more', { acceptUnknownPayments: true })],
  ['what no schema knows', change('friends', stranger, { ...friend, status: 'rich' })],
  ['a server twice in a list', change('friends', stranger, { ...friend, relays: [server, server] })],
  [
    'a currency twice in a statement',
    change('friends', stranger, {
      ...friend,
      statement: {
        time: 1,
        balances: [
          { currency: 'credit', balance: '1' },
          { currency: 'credit', balance: '2' },
        ],
      },
    }),
  ],
])('APP-20 shows nothing of %s, and ends the connection', async (_, message) => {
  const node = await HostileNode.start()
  await node.says(message)
  expect(node.shown).toEqual([])
  expect(node.remote.card()).toMatchObject({
    id: card,
    name: 'hers',
    state: 'stopped',
    fault: { code: 'badAnswer' },
  })
  for (let step = 0; step < 50; step++) await node.passes()
  expect(node.dials).toBe(1)
})

it('APP-20 holds no more than a card can have', async () => {
  const node = await HostileNode.start()
  for (let start = 0; start < REMOTE_ENTRIES_MAX; start += 1_000) {
    expect(node.remote.card().state).toBe('running')
    const changes = Array.from({ length: 1_000 }, (_, index) => idOf(start + index)).map((id) => ({
      collection: 'invoices',
      key: id,
      value: invoiceOf(id),
    }))
    await node.says({ event: 'change', card, changes })
  }
  expect(node.remote.card()).toMatchObject({ state: 'stopped', fault: { code: 'tooMuch' } })
})

it('APP-20 ends a node that goes on adding and taking away', async () => {
  const node = await HostileNode.start()
  for (let round = 0; round < 60 && node.remote.card().state === 'running'; round++) {
    const ids = Array.from({ length: 1_000 }, (_, index) => idOf(round * 1_000 + index))
    const changes = ids.flatMap((id) => [
      { collection: 'invoices', key: id, value: invoiceOf(id) },
      { collection: 'invoices', key: id, value: null },
    ])
    await node.says({ event: 'change', card, changes })
  }
  expect(node.remote.card()).toMatchObject({ state: 'stopped', fault: { code: 'tooMuch' } })
})

it('APP-20 lets deep nests, junk, strange names and unasked answers pass by', async () => {
  const node = await HostileNode.start()
  const nest = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  await node.saysText(
    `{"event":"change","card":"${card}","changes":[{"collection":"new","key":"x","value":${nest}}]}`,
  )
  await node.saysText(`{"id":7,"result":${nest}}`)
  await node.saysText('{')
  await node.says({ id: 99, result: {} })
  await node.says(change('__proto__', 'x', {}))
  await node.says(change('friends', 'nobody', null))
  expect(node.shown).toEqual([])
  await node.says(change('card', card, { id: card, name: 'x'.repeat(5_000), created: 1, state: 'running' }))
  expect(node.remote.card()).toMatchObject({ name: 'hers', state: 'running' })
  const fault = { code: 'y'.repeat(5_000), message: 'z'.repeat(5_000) }
  await node.says(change('card', card, { id: card, name: 'hers', created: 1, state: 'stopped', fault }))
  const shown = node.remote.card()
  expect(shown.state).toBe('stopped')
  expect(JSON.stringify(shown).length).toBeLessThan(1_000)
})

/** 32 bytes that hold a number. */
function idOf(number: number): string {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(number)
  return bytes.toString('base64url')
}
