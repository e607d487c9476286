// Connections to servers that are absent, slow, or say what they should not.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { linkIdentity } from '../../../../protocol/link.ts'
import { LinkAcceptor } from '../../../../protocol/link-acceptor.ts'
import { fromRelay, RELAY_PROLOGUE, toRelay, type ToRelay } from '../../../../protocol/relay-messages.ts'
import type { Connect } from '../../../../protocol/transport.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import type { Connections } from '../../../../worker/core/actions.ts'
import { DIAL_MS_MAX } from '../../../../worker/runtime/limits.ts'
import { RelayLinks } from '../../../../worker/runtime/relay-links.ts'
import { MemorySocket } from '../../../support/memory-socket.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

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
    this.#door = new LinkAcceptor({
      signer: relay,
      verifier: nobleProvider,
      clock,
      random,
      prologue: RELAY_PROLOGUE,
      maxMessage: 65_536,
      clientsMax: 10,
      handshakesMax: 10,
      queueBytesMax: 1_000_000,
      onOpen: (connection) => (this.#connection = connection),
      onMessage: (_, message) => this.heard.push(toRelay.decode(message)),
      onClose: () => undefined,
    })
    const dial: Connect = async (url) => {
      this.dialled.push(url)
      const [near, far] = MemorySocket.pair(clock)
      this.#door.accept(far)
      return near
    }
    this.links = new RelayLinks(
      {
        identity: linkIdentity(signer, random(32)),
        verifier: nobleProvider,
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
    const connections: Connections = {
      relays,
      indexServers: [],
      friends: friends.map((publicKey) => ({ publicKey, relays: [] })),
    }
    this.links.update(connections)
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
