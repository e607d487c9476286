// Apps over links, against a real card without network: who is let in, what they may, and how that ends.

import { expect, it } from 'vitest'
import { NodeClient } from '../../../../client/client.ts'
import { CardState } from '../../../../client/card-state.ts'
import { oneCard } from '../../../../worker/shell/one-card.ts'
import { APP_PROLOGUE } from '../../../../protocol/app-link.ts'
import type { Signer } from '../../../../protocol/crypto.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { linkIdentity } from '../../../../protocol/link.ts'
import { openLink } from '../../../../protocol/link-socket.ts'
import { RELAY_PROLOGUE } from '../../../../protocol/relay-messages.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { newCard } from '../../../../worker/core/core.ts'
import { asyncVerifier } from '../../../../worker/runtime/crypto/verifier.ts'
import { CardNode } from '../../../../worker/runtime/node.ts'
import { AppLinks, type AppPermissions } from '../../../../worker/shell/app-links.ts'
import { APP_WAITING_BYTES_MAX } from '../../../../worker/shell/limits.ts'
import { MemorySocket } from '../../../support/memory-socket.ts'
import { MemoryStore } from '../../../support/memory-store.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const random = seededRandom('app-links')
const signers = Array.from({ length: 3 }, () => nobleProvider.signer(random(32)))
const [nodeSigner, alice, bob] = signers as [Signer, Signer, Signer]
const READ: AppPermissions = new Set(['read'])
const CONFIG: AppPermissions = new Set(['read', 'config'])

class AppWorld {
  readonly clock = new VirtualClock()
  readonly accepted = new Map<PublicKey, AppPermissions>()
  /** While set, it is looked up for ever whether an app may connect. */
  isSlow = false
  readonly #environment = { signer: nodeSigner, crypto: nobleProvider, clock: this.clock, random }
  readonly links: AppLinks
  readonly #store = new MemoryStore()
  readonly #node = new CardNode({
    ...this.#environment,
    store: this.#store,
    asyncVerifier: asyncVerifier(nobleProvider),
    connect: () => Promise.reject(new Error('there is no network')),
  })

  private constructor() {
    this.links = new AppLinks({
      ...this.#environment,
      host: oneCard(this.#node),
      permissionsOf: async (app) =>
        this.isSlow ? new Promise<undefined>(() => undefined) : this.accepted.get(app),
      onSeen: (app) => this.#node.appSeen(app),
    })
  }

  static async start(): Promise<AppWorld> {
    const world = new AppWorld()
    const { publicKey } = nodeSigner
    await world.#store.commit(newCard({ publicKey, name: 'node', now: 1, relays: [], indexServers: [] }))
    world.#node.start()
    await world.passes()
    return world
  }

  /** Lets 100 ms pass, and everything happen that they bring about. */
  async passes(): Promise<void> {
    for (let step = 0; step < 20; step++) {
      this.clock.advance(5)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  socket(): MemorySocket {
    const [mine, theirs] = MemorySocket.pair(this.clock)
    this.links.accept(theirs)
    return mine
  }

  async client(signer: Signer): Promise<NodeClient> {
    const connecting = NodeClient.connect({
      ticket: { publicKey: nodeSigner.publicKey, address: '127.0.0.1:9500' },
      signer,
      crypto: nobleProvider,
      connect: () => Promise.resolve(this.socket()),
      clock: this.clock,
      random,
    })
    await this.passes()
    const client = await connecting
    if (!client.ok) throw new Error(client.error.message)
    return client.value
  }

  /** The result of something that needs time to pass. */
  async after<T>(work: Promise<T>): Promise<T> {
    await this.passes()
    return work
  }

  /** A link as an app has it, for messages that no client of ours would send. */
  async raw(signer: Signer, prologue = APP_PROLOGUE) {
    const heard: unknown[] = []
    const ended: string[] = []
    const link = openLink({
      socket: this.socket(),
      clock: this.clock,
      random,
      crypto: nobleProvider,
      identity: linkIdentity(signer, random(32), nobleProvider),
      role: 'initiator',
      expect: nodeSigner.publicKey,
      prologue,
      onOpen: () => undefined,
      onMessage: (message) => heard.push(JSON.parse(new TextDecoder().decode(message))),
      onClose: ({ code }) => ended.push(code),
    })
    await this.passes()
    return { link, heard, ended, say: (text: string) => link.send(new TextEncoder().encode(text)) }
  }
}

it('CLI-5 answers an app whose ticket is accepted, and mirrors the card to it', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, CONFIG)
  const client = await world.client(alice)
  const state = await world.after(CardState.follow(client, world.clock))
  if (!state.ok) throw new Error(state.error.message)
  expect(state.value.card).toMatchObject({ id: nodeSigner.publicKey, name: 'node', state: 'running' })
  expect(await world.after(client.call('card.rename', { name: 'renamed' }))).toMatchObject({ ok: true })
  expect(state.value.card?.name).toBe('renamed')
})

it('CLI-5 tells an app that nobody has accepted, and ends the connection', async () => {
  const world = await AppWorld.start()
  const client = await world.client(alice)
  const answer = await world.after(client.call('card.ticket', {}))
  expect(answer).toMatchObject({ ok: false, error: { code: 'unknownApp' } })
  expect(world.links.stats()).toMatchObject({ clients: 0, handshakes: 0 })
})

it('CLI-5 ends the sessions of an app whose ticket was taken back or changed, and no others', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, CONFIG).set(bob.publicKey, CONFIG)
  const [first, second, other] = [
    await world.client(alice),
    await world.client(alice),
    await world.client(bob),
  ]
  const lost: string[] = []
  first.onLost = ({ code }) => lost.push(`first ${code}`)
  second.onLost = ({ code }) => lost.push(`second ${code}`)
  other.onLost = ({ code }) => lost.push(`other ${code}`)
  world.links.recheck(new Map([...world.accepted]))
  await world.passes()
  expect(lost).toEqual([])
  world.accepted.delete(alice.publicKey)
  world.links.recheck(world.accepted)
  await world.passes()
  expect(lost).toEqual(['first revoked', 'second revoked'])
  expect(await first.call('card.ticket', {})).toMatchObject({ error: { code: 'revoked' } })
  expect(await world.after(other.call('card.ticket', {}))).toMatchObject({ ok: true })
  world.links.recheck(new Map([[bob.publicKey, READ]]))
  await world.passes()
  expect(lost).toEqual(['first revoked', 'second revoked', 'other revoked'])
})

it('CLI-6 refuses a call without its permission, and serves the app on', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, READ)
  const client = await world.client(alice)
  expect(await world.after(client.call('card.rename', { name: 'mine' }))).toMatchObject({
    error: { code: 'forbidden', message: expect.stringContaining('lacks the permission config') },
  })
  expect(await world.after(client.call('cards.list', {}))).toMatchObject({ error: { code: 'forbidden' } })
  expect(await world.after(client.call('card.ticket', {}))).toMatchObject({ ok: true })
})

it('CLI-10 answers what is no call, and serves the app on', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, READ)
  const app = await world.raw(alice)
  app.say('{')
  app.say('"text"')
  app.link.send(Uint8Array.of(0xff))
  app.say('{"taken":-1}')
  app.say(`{"id":7,"method":"card.ticket","params":{},"card":"${bob.publicKey}"}`)
  await world.passes()
  expect(app.heard.slice(0, 4)).toEqual(
    Array(4).fill({ id: -1, error: { code: 'badCall', message: expect.any(String) } }),
  )
  expect(app.heard[4]).toMatchObject({ id: 7, error: { code: 'unknownCard' } })
  expect(app.ended).toEqual([])
})

it('CLI-10 speaks to nobody who came for something else', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, READ)
  const stranger = await world.raw(alice, RELAY_PROLOGUE)
  expect(stranger.ended).toHaveLength(1)
  expect(world.links.stats()).toMatchObject({ clients: 0, handshakes: 0 })
})

it('CLI-10 keeps little of what an app says before it is known whether it may connect', async () => {
  const world = await AppWorld.start()
  world.isSlow = true
  const app = await world.raw(alice)
  for (let sent = 0; sent <= APP_WAITING_BYTES_MAX; sent += 50_000) app.say(' '.repeat(50_000))
  await world.passes()
  expect(app.heard).toEqual([{ id: -1, error: { code: 'busy', message: expect.any(String) } }])
  expect(app.ended).toHaveLength(1)
})

it('ends all sessions when it is closed, and takes no new ones', async () => {
  const world = await AppWorld.start()
  world.accepted.set(alice.publicKey, READ)
  const client = await world.client(alice)
  const lost: string[] = []
  client.onLost = ({ code }) => lost.push(code)
  world.links.close()
  await world.passes()
  expect(lost).toHaveLength(1)
  const late = world.socket()
  await world.passes()
  expect(late.isClosed).toBe(true)
})
