// A card with two index servers, one of which means it ill.

import { expect, it } from 'vitest'
import { IndexServer } from '../../../../index-server/server.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  type RefusalReason,
} from '../../../../protocol/index-messages.ts'
import { INDEX_REFRESH_MS, INDEX_SILENT_MS_MAX } from '../../../../protocol/limits.ts'
import { linkIdentity } from '../../../../protocol/link.ts'
import { LinkAcceptor } from '../../../../protocol/link-acceptor.ts'
import type { Socket } from '../../../../protocol/transport.ts'
import { taggedHash } from '../../../../protocol/wire.ts'
import { IndexLinks } from '../../../../worker/runtime/index-links.ts'
import { MemorySocket } from '../../../support/memory-socket.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const EVERY_MS = 500

/** An honest server, and one that answers whatever it gets, and the passing of time, with refusals. */
class Scene {
  readonly clock = new VirtualClock()
  readonly honest: IndexServer
  /** Updates that the hostile server got, and the sessions that they were of. */
  updates = 0
  readonly sessions = new Set<string>()
  readonly #door: LinkAcceptor

  constructor(reason: RefusalReason) {
    const random = seededRandom(`index-links ${reason}`)
    const { clock } = this
    const world = { crypto: nobleProvider, clock, random }
    const [card, hostile, honest] = [1, 2, 3].map(() => nobleProvider.signer(random(32)))
    this.honest = new IndexServer({ ...world, signer: honest! })
    const refusal = fromIndex.encode({ kind: 'refused', reason }).slice()
    this.#door = new LinkAcceptor({
      ...world,
      signer: hostile!,
      prologue: INDEX_PROLOGUE,
      maxMessage: 100_000,
      clientsMax: 10,
      handshakesMax: 10,
      queueBytesMax: 1_000_000,
      onOpen: (connection) => {
        this.#door.send(connection, fromIndex.encode({ kind: 'freshness', hash: taggedHash('any') }))
        const refuse = (): void => {
          this.#door.send(connection, refusal)
          clock.after(EVERY_MS, refuse)
        }
        refuse()
      },
      onMessage: (_, message) => {
        const said = toIndex.decode(message)
        if (said.kind !== 'update') return
        this.updates += 1
        this.sessions.add(update.decode(said.body).session)
      },
      onClose: () => undefined,
    })
    const servers: Record<string, (socket: Socket) => void> = {
      'ws://hostile.example:1/': (socket) => this.#door.accept(socket),
      'ws://honest.example:1/': (socket) => this.honest.accept(socket),
    }
    const links = new IndexLinks({
      signer: card!,
      context: {
        ...world,
        identity: linkIdentity(card!, random(32), nobleProvider),
        connect: async (url) => {
          const [near, far] = MemorySocket.pair(clock)
          servers[url]!(far)
          return near
        },
      },
      onAnswer: () => undefined,
      onChanged: () => undefined,
    })
    const indexServers = [
      { publicKey: hostile!.publicKey, address: 'hostile.example:1' },
      { publicKey: honest!.publicKey, address: 'honest.example:1' },
    ]
    links.update({ friends: [], indexServers })
  }

  async run(span_ms: number): Promise<void> {
    for (let passed = 0; passed < span_ms; passed += 100) {
      await new Promise((resolve) => setImmediate(resolve))
      this.clock.advance(100)
    }
  }
}

it.each<RefusalReason>(['stale', 'notFresh', 'needFull'])(
  'IDX-14 keeps the other servers informed while one refuses everything as %s',
  async (reason) => {
    const scene = new Scene(reason)
    await scene.run(1_000)
    for (let minute = 0; minute < 3; minute++) {
      expect([minute, scene.honest.stats().nodes]).toEqual([minute, 1])
      await scene.run(INDEX_SILENT_MS_MAX)
    }
    expect(scene.honest.stats().nodes).toBe(1)
    // Refusals are no way to keep a card busy either.
    expect(scene.updates).toBeLessThan(200)
    expect(scene.sessions.size).toBeLessThan((4 * INDEX_SILENT_MS_MAX) / INDEX_REFRESH_MS)
  },
)
