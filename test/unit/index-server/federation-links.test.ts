import { describe, expect, it } from 'vitest'
import type { NeighbourState } from '../../../index-server/federation-links.ts'
import { NOT_LISTED_RETRY_MS, PENALTY_MS } from '../../../index-server/limits.ts'
import { IndexServer } from '../../../index-server/server.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import {
  FEDERATION_PROLOGUE,
  federationMessage,
  type FederationMessage,
} from '../../../protocol/federation-messages.ts'
import { LinkAcceptor, type LinkObserver } from '../../../protocol/link-acceptor.ts'
import { fromIndex, INDEX_PROLOGUE, toIndex, update, updateBytes } from '../../../protocol/index-messages.ts'
import type { Currency, PublicKey, RequestId } from '../../../protocol/types.ts'
import { publicKey as publicKeyCodec, toBase64url } from '../../../protocol/wire.ts'
import { LinkClient } from '../../support/link-client.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const CREDIT = 'credit' as Currency
/** As long as a lost link may take to be made again: the longest wait, and its jitter. */
const REDIAL_MS = 46_000

/** Servers at addresses of one network under virtual time. */
class Network {
  readonly clock = new VirtualClock()
  readonly random = seededRandom('federation-links')
  /** Who takes the connections to an address. */
  readonly doors = new Map<string, (socket: MemorySocket) => void>()

  add(name: string, signer: Signer, isDialled = true): Place {
    const place = new Place(this, name, signer, isDialled)
    if (isDialled) this.doors.set(name, (socket) => place.server.acceptServer(socket))
    return place
  }

  /** Two servers, the first with the lower key. */
  pair(areDialled: readonly [boolean, boolean] = [true, true]): [Place, Place] {
    const [one, other] = this.signers(2)
    return [this.add('low', one!, areDialled[0]), this.add('high', other!, areDialled[1])]
  }

  /** In the order of their keys. */
  signers(count: number): Signer[] {
    const order = (signer: Signer): string =>
      Buffer.from(publicKeyCodec.encode(signer.publicKey)).toString('hex')
    const all = Array.from({ length: count }, () => nobleProvider.signer(this.random(32)))
    return all.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  }
}

class Place {
  readonly states: NeighbourState[] = []
  readonly sockets: MemorySocket[] = []
  /** What its observer hears: how often links opened and ended, and messages came. */
  readonly observed = { opened: 0, ended: 0, handled: 0 }
  readonly server: IndexServer
  readonly #network: Network
  readonly #name: string

  constructor(network: Network, name: string, signer: Signer, isDialled: boolean) {
    this.#network = network
    this.#name = name
    const { clock, random } = network
    this.server = new IndexServer(
      { signer, crypto: nobleProvider, clock, random, observer: this.#observer() },
      {
        isDialled,
        onState: (_, state) => this.states.push(state),
        connect: async (url) => {
          const door = network.doors.get(new URL(url).hostname)
          if (door === undefined) throw new Error(`Nobody answers at ${url}.`)
          const [mine, theirs] = MemorySocket.pair(clock)
          this.sockets.push(mine)
          door(theirs)
          return mine
        },
      },
    )
  }

  #observer(): LinkObserver {
    return {
      opened: () => this.observed.opened++,
      ended: () => this.observed.ended++,
      handle: (handle) => {
        this.observed.handled++
        handle()
      },
    }
  }

  get ticket(): { publicKey: PublicKey; address: string } {
    return { publicKey: this.server.publicKey, address: `${this.#name}:7000` }
  }

  trust(...others: readonly Place[]): void {
    this.server.trust(others.map(({ ticket }) => ticket))
  }

  get federation(): NonNullable<ReturnType<IndexServer['stats']>['federation']> {
    return this.server.stats().federation!
  }

  /** A node at this server that reports one friend. */
  async report(node: Signer, friend: Signer): Promise<void> {
    const { clock, random } = this.#network
    const [mine, servers] = MemorySocket.pair(clock)
    this.server.accept(servers)
    const client = new LinkClient({
      socket: mine,
      clock,
      random,
      signer: node,
      server: this.server.publicKey,
      prologue: INDEX_PROLOGUE,
      says: toIndex,
      hears: fromIndex,
    })
    await pass(this.#network, 100)
    const hello = client.take().find((message) => message.kind === 'freshness')
    const body = update.encode({
      node: node.publicKey,
      session: toBase64url(random(16)) as RequestId,
      counter: 1,
      freshness: hello!.hash,
      full: true,
      edges: [{ friend: friend.publicKey, currency: CREDIT, capacity: 10n, rate: { mul: 0, add: 1 } }],
    })
    client.say({ kind: 'update', body, signature: node.sign(updateBytes(body)) })
    await pass(this.#network, 100)
  }
}

/** Lets virtual time pass; dials are promises, which need turns of their own. */
async function pass(network: Network, span_ms: number): Promise<void> {
  for (let left = span_ms; left > 0; left -= 100) {
    network.clock.advance(Math.min(left, 100))
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
}

/** A server of whatever behaviour, as another one sees it. */
function stranger(
  network: Network,
  at: Place,
  signer: Signer,
): LinkClient<FederationMessage, FederationMessage> {
  const [mine, theirs] = MemorySocket.pair(network.clock)
  at.server.acceptServer(theirs)
  return new LinkClient({
    socket: mine,
    clock: network.clock,
    random: network.random,
    signer,
    server: at.server.publicKey,
    prologue: FEDERATION_PROLOGUE,
    says: federationMessage,
    hears: federationMessage,
  })
}

describe('links between index servers', () => {
  it('IDX-16 two servers that list each other share; the one with the lower key dials, once', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    low.trust(high)
    high.trust(low)
    await pass(network, 3_000)
    expect(low.states).toEqual([{ kind: 'connected' }])
    expect(high.states).toEqual([{ kind: 'awaited' }, { kind: 'connected' }])
    expect([low.sockets.length, high.sockets.length]).toEqual([1, 0])
    const [alice, bob] = network.signers(2)
    await high.report(alice!, bob!)
    await pass(network, 100)
    expect(low.server.capacity(CREDIT, alice!.publicKey, bob!.publicKey)).toBe(10n)
    expect(low.federation).toMatchObject({ trusted: 1, connected: 1, taken: 1 })
  })

  it('counts neither other servers nor those who are not listed as clients', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    low.trust(high)
    high.trust(low)
    const [alice, bob] = network.signers(2)
    stranger(network, high, alice!)
    await pass(network, 3_000)
    expect(high.federation).toMatchObject({ connected: 1, unlisted: 1 })
    expect([low.observed, high.observed]).toEqual(Array(2).fill({ opened: 0, ended: 0, handled: 0 }))
    await high.report(alice!, bob!)
    expect(high.observed).toEqual({ opened: 1, ended: 0, handled: 1 })
  })

  it('IDX-16 a server that only one side lists is told so, and shares when it is listed', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    low.trust(high)
    await pass(network, 1_000)
    expect(low.states).toEqual([{ kind: 'notListed' }])
    expect(high.federation).toMatchObject({ trusted: 0, connected: 0, unlisted: 1 })
    high.trust(low)
    await pass(network, NOT_LISTED_RETRY_MS + 1_000)
    expect(low.states.at(-1)).toEqual({ kind: 'connected' })
    expect([low.federation.connected, high.federation.connected]).toEqual([1, 1])
  })

  it('IDX-16 a server that is no longer listed is cut off at once', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    low.trust(high)
    high.trust(low)
    await pass(network, 3_000)
    high.trust()
    await pass(network, 100)
    expect([low.federation.connected, high.federation.connected]).toEqual([0, 0])
    expect(low.states.at(-1)).toEqual({ kind: 'notListed' })
    low.trust()
    expect(low.federation.trusted).toBe(0)
  })

  it.each([
    [true, false],
    [false, true],
  ] as const)('IDX-16 a server that cannot be dialled dials (%s, %s)', async (...areDialled) => {
    const network = new Network()
    const [low, high] = network.pair(areDialled)
    low.trust(high)
    high.trust(low)
    await pass(network, 3_000)
    expect([low.federation.connected, high.federation.connected]).toEqual([1, 1])
    expect([low, high].map(({ states }) => states.at(-1))).toEqual([
      { kind: 'connected' },
      { kind: 'connected' },
    ])
  })

  it('IDX-16 dials again, with pauses, when the link is lost or nobody answers', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    low.trust(high)
    high.trust(low)
    await pass(network, 3_000)
    const door = network.doors.get('high')
    network.doors.delete('high')
    low.sockets[0]!.close()
    await pass(network, 60_000)
    expect(low.states.at(-1)).toMatchObject({
      kind: 'offline',
      reason: expect.stringMatching(/Nobody answers/),
    })
    expect(high.states.at(-1)).toEqual({ kind: 'awaited' })
    network.doors.set('high', door!)
    await pass(network, REDIAL_MS)
    expect([low.federation.connected, high.federation.connected]).toEqual([1, 1])
  })

  it('IDX-16 dials another address when the ticket of a server is another one', async () => {
    const network = new Network()
    const [low, high] = network.pair()
    high.trust(low)
    low.server.trust([{ ...high.ticket, address: 'elsewhere:7000' }])
    await pass(network, 1_000)
    expect(low.states.at(-1)).toMatchObject({ kind: 'offline' })
    low.trust(high)
    await pass(network, 1_000)
    expect(low.states.at(-1)).toEqual({ kind: 'connected' })
  })

  it('IDX-16 a server does not share with itself', async () => {
    const network = new Network()
    const [low] = network.pair()
    low.trust(low)
    await pass(network, 1_000)
    expect(low.federation.trusted).toBe(0)
  })

  it('IDX-16 a second link of a server takes the place of the first', async () => {
    const network = new Network()
    const [low, high] = network.signers(2)
    const place = network.add('high', high!)
    place.server.trust([{ publicKey: low!.publicKey, address: 'nowhere:7000' }])
    const first = stranger(network, place, low!)
    await pass(network, 100)
    stranger(network, place, low!)
    await pass(network, 100)
    expect(first.ended).toBe('closedByPeer')
    expect(place.federation.connected).toBe(1)
  })

  it('IDX-21 a server that does not speak the protocol is cut off for some time', async () => {
    const network = new Network()
    const [low, high] = network.signers(2)
    const place = network.add('high', high!)
    place.server.trust([{ publicKey: low!.publicKey, address: 'nowhere:7000' }])
    const hostile = stranger(network, place, low!)
    await pass(network, 100)
    hostile.take()
    hostile.link.send(Uint8Array.of(9, 9, 9))
    await pass(network, 100)
    expect(hostile.take()).toEqual([{ kind: 'parting', reason: 'misbehaved' }])
    expect(place.federation).toMatchObject({ connected: 0, malformed: 1 })
    expect(place.states.at(-1)).toEqual({ kind: 'cut', reason: 'malformed' })
    const again = stranger(network, place, low!)
    await pass(network, 100)
    expect(again.take()).toEqual([{ kind: 'parting', reason: 'misbehaved' }])
    await pass(network, PENALTY_MS)
    stranger(network, place, low!)
    await pass(network, 100)
    expect(place.federation.connected).toBe(1)
  })

  it.each([
    ['breaks the rules', Uint8Array.of(9, 9, 9), { kind: 'cut', reason: 'malformed' }],
    [
      'says that this one did',
      federationMessage.encode({ kind: 'parting', reason: 'misbehaved' }),
      { kind: 'dismissed' },
    ],
  ] as const)('IDX-21 dials a server that %s again only after some time', async (_, says, state) => {
    const network = new Network()
    const [low, high] = network.signers(2)
    const place = network.add('low', low!)
    let dials = 0
    const door = new LinkAcceptor({
      signer: high!,
      crypto: nobleProvider,
      clock: network.clock,
      random: network.random,
      prologue: FEDERATION_PROLOGUE,
      maxMessage: 1_000,
      clientsMax: 9,
      handshakesMax: 9,
      queueBytesMax: 100_000,
      onOpen: (connection) => {
        dials++
        door.send(connection, says)
      },
      onMessage: () => undefined,
      onClose: () => undefined,
    })
    network.doors.set('high', (socket) => door.accept(socket))
    place.server.trust([{ publicKey: high!.publicKey, address: 'high:7000' }])
    await pass(network, PENALTY_MS - 1_000)
    expect(place.states).toEqual([state])
    expect(dials).toBe(1)
    await pass(network, 2_000)
    expect(dials).toBe(2)
  })
})
