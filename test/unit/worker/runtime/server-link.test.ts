// Connections to servers that are absent, slow, or say what they should not.

import { describe, expect, it } from 'vitest'
import type { Signer } from '../../../../protocol/crypto.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { linkIdentity } from '../../../../protocol/link.ts'
import { LinkAcceptor, type AcceptorOptions } from '../../../../protocol/link-acceptor.ts'
import { fromRelay, RELAY_PROLOGUE, toRelay, type ToRelay } from '../../../../protocol/relay-messages.ts'
import type { Connect } from '../../../../protocol/transport.ts'
import type { PublicKey, RelayAddress } from '../../../../protocol/types.ts'
import type { Connections } from '../../../../worker/core/actions.ts'
import {
  DIAL_MS_MAX,
  DIAL_RETRY_MS_MAX,
  DIAL_STEADY_MS,
  RELAY_LINKS_MAX,
} from '../../../../worker/runtime/limits.ts'
import { RelayLinks } from '../../../../worker/runtime/relay-links.ts'
import { MemorySocket } from '../../../support/memory-socket.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

/** A relay that says nothing, at `own.example:1`. */
const OWN = nobleProvider.signer(seededRandom('own')(32))
const FRIEND = nobleProvider.signer(seededRandom('friend')(32)).publicKey

/** A relay that only listens, and says what a test tells it to; and one card's links to it. */
class Scene {
  readonly clock = new VirtualClock()
  readonly heard: ToRelay[] = []
  readonly dialled: string[] = []
  readonly story: string[] = []
  readonly links: RelayLinks
  readonly relay: PublicKey
  readonly #door: LinkAcceptor
  #connection = 0

  constructor(connect?: Connect) {
    const random = seededRandom('scene')
    const signer = nobleProvider.signer(random(32))
    const relay = nobleProvider.signer(random(32))
    this.relay = relay.publicKey
    const { clock } = this
    const open = (key: Signer, events: Pick<AcceptorOptions, 'onOpen' | 'onMessage'>): LinkAcceptor =>
      new LinkAcceptor({
        signer: key,
        crypto: nobleProvider,
        clock,
        random,
        prologue: RELAY_PROLOGUE,
        maxMessage: 65_536,
        clientsMax: 10,
        handshakesMax: 10,
        queueBytesMax: 1_000_000,
        onClose: () => undefined,
        ...events,
      })
    this.#door = open(relay, {
      onOpen: (connection) => (this.#connection = connection),
      onMessage: (_, message) => this.heard.push(toRelay.decode(message)),
    })
    const silent = open(OWN, { onOpen: () => undefined, onMessage: () => undefined })
    const dial: Connect = async (url) => {
      this.dialled.push(url)
      const [near, far] = MemorySocket.pair(clock)
      const door = url === 'ws://own.example:1/' ? silent : this.#door
      door.accept(far)
      return near
    }
    this.links = new RelayLinks(
      {
        identity: linkIdentity(signer, random(32), nobleProvider),
        crypto: nobleProvider,
        clock,
        random,
        connect: connect ?? dial,
      },
      {
        relayConnected: () => this.story.push('connected'),
        relayDisconnected: () => this.story.push('disconnected'),
        packet: (_, __, payload) => this.story.push(`packet of ${payload.length}`),
        peerGone: () => this.story.push('peer gone'),
        replaced: () => this.story.push('replaced'),
        relayChanged: () => undefined,
      },
    )
  }

  want(addresses: readonly string[], friends: readonly PublicKey[] = []): void {
    const relays = addresses.map((address) => ({ publicKey: this.relay, address }))
    this.#update({ relays, friends: friends.map((publicKey) => ({ publicKey, relays: [] })) })
  }

  /** Relays of the card and of one friend. */
  wantFor(own: readonly RelayAddress[], friends: readonly RelayAddress[]): void {
    this.#update({ relays: own, friends: [{ publicKey: FRIEND, relays: friends }] })
  }

  #update(connections: Pick<Connections, 'relays' | 'friends'>): void {
    this.links.update({ ...connections, apps: [] })
  }

  say(bytes: Uint8Array): void {
    this.#door.send(this.#connection, bytes)
  }

  async run(span_ms: number): Promise<void> {
    for (let passed = 0; passed < span_ms; passed += 100) {
      await new Promise((resolve) => setImmediate(resolve))
      this.clock.advance(Math.min(100, span_ms - passed))
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function connected(friends: readonly PublicKey[] = []): Promise<Scene> {
  const scene = new Scene()
  scene.want(['relay.example:1'], friends)
  await scene.run(200)
  expect(scene.story).toEqual(['connected'])
  return scene
}

it('tells a relay whose packets it wants, first of all and whenever that changes', async () => {
  const scene = await connected()
  scene.want(['relay.example:1'], [FRIEND])
  scene.want(['relay.example:1'], [FRIEND])
  await scene.run(100)
  expect(scene.heard).toEqual([
    { kind: 'allow', keys: [] },
    { kind: 'allow', keys: [FRIEND] },
  ])
})

it('leaves a relay that says what it should not, shows why, and tries it again', async () => {
  const scene = await connected()
  scene.say(Uint8Array.of(1, 2, 3))
  await scene.run(100)
  expect(scene.story).toEqual(['connected', 'disconnected'])
  expect(scene.links.get(scene.relay)).toMatchObject({ state: 'offline', fault: { code: 'malformed' } })
  await scene.run(2_000)
  expect(scene.story.at(-1)).toBe('connected')
})

it('leaves a relay that carries less than friends may send', async () => {
  const scene = await connected()
  const limits = { payloadBytesMax: 1_000, allowedKeysMax: 1_000, bytesPerSecondMax: 1 }
  scene.say(fromRelay.encode({ kind: 'limits', ...limits }))
  await scene.run(100)
  expect(scene.links.get(scene.relay)?.fault?.code).toBe('unsuitable')
})

it('dials the addresses of a relay in turn, with growing waits', async () => {
  const times: number[] = []
  const urls: string[] = []
  const scene: Scene = new Scene(async (url) => {
    times.push(scene.clock.now())
    urls.push(url)
    throw new Error('No way.')
  })
  scene.want(['one.example:1', 'two.example:2'])
  await scene.run(60_000)
  expect(new Set(urls)).toEqual(new Set(['ws://one.example:1/', 'ws://two.example:2/']))
  expect(scene.links.get(scene.relay)?.fault).toEqual({ code: 'unreachable', message: 'No way.' })
  const waits = times.slice(1).map((time, index) => time - times[index]!)
  expect(waits.at(-1)).toBeGreaterThan(4 * waits[0]!)
})

it('gives up a dial that takes too long, and closes it when it succeeds after all', async () => {
  const late: ((socket: MemorySocket) => void)[] = []
  const scene = new Scene(() => new Promise((resolve) => late.push(resolve)))
  scene.want(['relay.example:1'])
  await scene.run(DIAL_MS_MAX + 100)
  expect(scene.links.get(scene.relay)?.fault?.code).toBe('timedOut')
  const [near] = MemorySocket.pair(scene.clock)
  late[0]!(near)
  await scene.run(100)
  expect(near.isClosed).toBe(true)
})

it('shows an address that is none, without ending anything else', async () => {
  const scene = new Scene()
  scene.want(['no address'])
  await scene.run(100)
  expect(scene.links.get(scene.relay)).toMatchObject({ state: 'offline', fault: { code: 'malformed' } })
})

it('moves when the only address has changed, and stops when the relay is not wanted any more', async () => {
  const scene = await connected()
  scene.want(['moved.example:2'])
  await scene.run(200)
  expect(scene.dialled).toEqual(['ws://relay.example:1/', 'ws://moved.example:2/'])
  scene.want([])
  await scene.run(60_000)
  expect(scene.dialled).toHaveLength(2)
  expect(scene.story.at(-1)).toBe('disconnected')
})

describe('a friend who says where he listens', () => {
  const stranger = (name: string): RelayAddress => ({
    publicKey: nobleProvider.signer(seededRandom(name)(32)).publicKey,
    address: `${name}.example:1`,
  })
  const dialsOf = (scene: Scene, address: string) => scene.dialled.filter((url) => url === `ws://${address}/`)

  it('does not keep the card from its own relay by many wrong addresses for it', async () => {
    const times: number[] = []
    const scene: Scene = new Scene(async (url) => {
      if (url === 'ws://relay.example:1/') times.push(scene.clock.now())
      throw new Error('No way.')
    })
    const wrong = Array.from({ length: 8 }, (_, i) => ({
      publicKey: scene.relay,
      address: `wrong${i}.example:1`,
    }))
    scene.wantFor([{ publicKey: scene.relay, address: 'relay.example:1' }], wrong)
    await scene.run(600_000)
    const waits = times.slice(1).map((time, index) => time - times[index]!)
    expect(Math.max(...waits)).toBeLessThan(4 * DIAL_RETRY_MS_MAX)
  })

  it('is dialled again first where the connection was', async () => {
    const scene = new Scene()
    const own = { publicKey: scene.relay, address: 'relay.example:1' }
    scene.wantFor([own], [{ ...own, address: 'other.example:1' }])
    await scene.run(DIAL_STEADY_MS + 1_000)
    scene.say(Uint8Array.of(1, 2, 3))
    await scene.run(2_000)
    expect(scene.dialled).toEqual(['ws://relay.example:1/', 'ws://relay.example:1/'])
    expect(scene.story).toEqual(['connected', 'disconnected', 'connected'])
  })

  it('cannot make the card dial without end by naming other relays all the time, nor keep it from others', async () => {
    const dials: string[] = []
    const scene = new Scene(async (url) => {
      dials.push(url)
      throw new Error('No way.')
    })
    for (let i = 0; i < 700; i++) {
      const others = i < 300 ? [] : [stranger('honest')]
      scene.wantFor([], [stranger(`relay${i}`), ...others])
      await scene.run(100)
    }
    expect(dials.length).toBeLessThan(3 * RELAY_LINKS_MAX)
    expect(dials).toContain('ws://honest.example:1/')
  })

  it('does not take the place of the first relay of any other friend by listing many', () => {
    const scene = new Scene(() => Promise.reject(new Error('No way.')))
    const greedy = Array.from({ length: RELAY_LINKS_MAX / 8 }, (_, i) => ({
      publicKey: stranger(`friend${i}`).publicKey,
      relays: Array.from({ length: 8 }, (__, j) => stranger(`relay${i}-${j}`)),
    }))
    const modest = { publicKey: FRIEND, relays: [stranger('modest')] }
    scene.links.update({ relays: [], apps: [], friends: [...greedy, modest] })
    expect(scene.links.get(modest.relays[0]!.publicKey)).toBeDefined()
  })

  it('cannot make the card dial without end by moving one relay all the time', async () => {
    let dials = 0
    const scene = new Scene(async () => {
      dials += 1
      throw new Error('No way.')
    })
    for (let i = 0; i < 600; i++) {
      scene.wantFor([], [{ publicKey: scene.relay, address: `relay${i}.example:1` }])
      await scene.run(100)
    }
    expect(dials).toBeLessThan(3 * RELAY_LINKS_MAX)
  })

  it('SES-7 cannot stop the card by a relay of his that says it is open elsewhere', async () => {
    const scene = new Scene()
    const own = { publicKey: OWN.publicKey, address: 'own.example:1' }
    const relay = { publicKey: scene.relay, address: 'relay.example:1' }
    scene.wantFor([own], [relay])
    await scene.run(200)
    expect(scene.story).toEqual(['connected', 'connected'])
    scene.say(fromRelay.encode({ kind: 'replaced' }))
    await scene.run(60_000)
    expect(scene.story).toEqual(['connected', 'connected', 'disconnected'])
    expect(scene.links.get(scene.relay)).toMatchObject({ state: 'offline', fault: { code: 'replaced' } })
    expect(dialsOf(scene, 'relay.example:1')).toHaveLength(1)
  })
})

it('SES-7 believes every relay that the card is open elsewhere while none of its own is connected', async () => {
  const scene = new Scene()
  scene.wantFor([], [{ publicKey: scene.relay, address: 'relay.example:1' }])
  await scene.run(200)
  scene.say(fromRelay.encode({ kind: 'replaced' }))
  await scene.run(100)
  expect(scene.story).toEqual(['connected', 'replaced'])
})

it('dials at once, with the shortest waits again, when the network is said to be back', async () => {
  const times: number[] = []
  const scene: Scene = new Scene(async () => {
    times.push(scene.clock.now())
    throw new Error('No way.')
  })
  scene.want(['relay.example:1'])
  await scene.run(200_000)
  const before = times.length
  scene.links.wake()
  await scene.run(2_000)
  expect(times.length - before).toBeGreaterThanOrEqual(3)
})

it('leaves a good connection alone when the network is said to be back', async () => {
  const scene = await connected()
  scene.links.wake()
  await scene.run(1_000)
  expect(scene.dialled).toHaveLength(1)
  expect(scene.story).toEqual(['connected'])
})
