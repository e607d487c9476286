// A relay that does to its clients what a relay can: it sees who talks to whom, and carries what it likes.

import { SESSION_NAME_BYTES } from '../../../../protocol/friend-packets.ts'
import { PACKET_BYTES_MAX } from '../../../../protocol/limits.ts'
import { LinkAcceptor, type ServerEnvironment } from '../../../../protocol/link-acceptor.ts'
import { encodeVersion, LINK_VERSION } from '../../../../protocol/link-identity.ts'
import {
  fromRelay,
  GONE_REASONS,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
} from '../../../../protocol/relay-messages.ts'
import type { Clock, Socket } from '../../../../protocol/transport.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { decode } from '../../../../protocol/wire.ts'
import { RelayCore, type RelayAction } from '../../../../relay-server/core.ts'
import type { Dice } from '../dice.ts'
import { drawHabits } from './habits.ts'

/** What may become of a packet. */
const TRICKS = ['drop', 'delay', 'double', 'corrupt', 'reroute', 'forge', 'deny'] as const
/** What happens from time to time, whether or not somebody sends. */
const MOODS = ['sayGone', 'replay', 'hangUp', 'babble', 'flood'] as const
/** What happens to who knocks. */
const DOORS = ['ignore', 'slam'] as const

const MOOD_MS = 1_000
/** Packets that it keeps in order to send them again. */
const KEPT_MAX = 50
const LATE_MS_MAX = 20_000
const FLOOD_PACKETS_MAX = 40

type Packet = Extract<FromRelay, { kind: 'received' }>

export class HostileRelay {
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #core = new RelayCore()
  readonly #door: LinkAcceptor
  readonly #tricks: ReadonlyMap<(typeof TRICKS)[number], number>
  readonly #moods: ReadonlyMap<(typeof MOODS)[number], number>
  readonly #doors: ReadonlyMap<(typeof DOORS)[number], number>
  readonly #clients = new Map<number, PublicKey>()
  readonly #kept: { readonly connection: number; readonly packet: Packet }[] = []
  #stopMoods: () => void = () => undefined

  constructor(environment: ServerEnvironment, dice: Dice) {
    this.#clock = environment.clock
    this.#dice = dice
    this.#tricks = drawHabits(dice, TRICKS, [0.01, 1])
    this.#moods = dice.chance(0.7) ? drawHabits(dice, MOODS, [0.01, 1]) : new Map()
    this.#doors = dice.chance(0.3) ? drawHabits(dice, DOORS, [0.05, 1]) : new Map()
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: RELAY_PROLOGUE,
      maxMessage: PACKET_BYTES_MAX + 64,
      clientsMax: 1_000,
      handshakesMax: 1_000,
      queueBytesMax: Infinity,
      onOpen: (connection, key) => {
        this.#clients.set(connection, key)
        this.#run(this.#core.opened(connection, key, this.#clock.now()))
      },
      onMessage: (connection, bytes) => {
        const message = decode(toRelay, bytes)
        if (message.ok) this.#run(this.#core.received(connection, message.value, this.#clock.now()))
      },
      onClose: (connection) => this.#closed(connection),
    })
    this.#moodLater()
  }

  accept(socket: Socket): void {
    if (this.#happens(this.#doors, 'ignore')) return
    if (this.#happens(this.#doors, 'slam')) {
      socket.send(this.#dice.bytes(this.#dice.between(0, 300)))
      socket.close()
      return
    }
    this.#door.accept(socket)
  }

  close(): void {
    this.#stopMoods()
    this.#door.closeAll()
  }

  #closed(connection: number): void {
    this.#clients.delete(connection)
    this.#run(this.#core.closed(connection))
  }

  #run(actions: readonly RelayAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'say':
          this.#say(action.connection, action.message)
          break
        case 'deliver': {
          const { connection, from, payload } = action
          this.#mishandle(action.sender, connection, { kind: 'received', from, payload })
          break
        }
        case 'close':
          this.#door.close(action.connection)
          this.#clients.delete(action.connection)
      }
    }
  }

  // ---- Packets

  #mishandle(sender: number, receiver: number, packet: Packet): void {
    const tricks = this.#tricks
    this.#kept.push({ connection: receiver, packet })
    if (this.#kept.length > KEPT_MAX) this.#kept.shift()
    if (this.#happens(tricks, 'reroute')) this.#say(this.#anybody(), packet)
    if (this.#happens(tricks, 'forge')) {
      this.#say(this.#anybody(), { ...packet, from: this.#anyKey(packet.from) })
    }
    if (this.#happens(tricks, 'deny')) {
      const key = this.#clients.get(receiver)
      if (key !== undefined)
        this.#say(sender, { kind: 'peerGone', key, reason: this.#dice.pick(GONE_REASONS) })
    }
    if (this.#happens(tricks, 'drop')) return
    const payload = this.#happens(tricks, 'corrupt') ? this.#altered(packet.payload) : packet.payload
    const copies = this.#happens(tricks, 'double') ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.#deliver(receiver, { ...packet, payload })
  }

  /** Perhaps late: then others overtake it. */
  #deliver(receiver: number, packet: Packet): void {
    if (!this.#happens(this.#tricks, 'delay')) return this.#say(receiver, packet)
    this.#clock.after(Math.floor(this.#dice.spread(1, LATE_MS_MAX)), () => this.#say(receiver, packet))
  }

  #altered(payload: Uint8Array): Uint8Array {
    const dice = this.#dice
    switch (dice.below(4)) {
      case 0:
        return payload.subarray(0, dice.below(payload.length + 1))
      case 1:
        return Uint8Array.from([
          ...payload.subarray(0, PACKET_BYTES_MAX - 20),
          ...dice.bytes(dice.between(1, 20)),
        ])
      case 2:
        return dice.bytes(payload.length)
      default: {
        const altered = payload.slice()
        if (altered.length > 0) altered[dice.below(altered.length)]! ^= 1 << dice.below(8)
        return altered
      }
    }
  }

  // ---- Moods

  #moodLater(): void {
    this.#stopMoods = this.#clock.after(MOOD_MS, () => {
      this.#moodLater()
      for (const [mood, chance] of this.#moods) {
        if (this.#clients.size > 0 && this.#dice.chance(chance)) this.#act(mood)
      }
    })
  }

  #act(mood: (typeof MOODS)[number]): void {
    const dice = this.#dice
    switch (mood) {
      case 'sayGone':
        return this.#say(this.#anybody(), {
          kind: 'peerGone',
          key: this.#anyKey(),
          reason: dice.pick(GONE_REASONS),
        })
      case 'replay':
        for (const { connection, packet } of this.#kept) {
          if (dice.chance(0.5)) this.#say(dice.chance(0.8) ? connection : this.#anybody(), packet)
        }
        return
      case 'hangUp': {
        const connection = this.#anybody()
        this.#door.close(connection)
        return this.#closed(connection)
      }
      case 'babble': {
        this.#door.send(this.#anybody(), dice.bytes(Math.floor(dice.spread(1, 3_000))))
        return
      }
      case 'flood': {
        for (let left = dice.between(1, FLOOD_PACKETS_MAX); left > 0; left--) {
          this.#say(this.#anybody(), { kind: 'received', from: this.#anyKey(), payload: this.#pretended() })
        }
      }
    }
  }

  /** A packet as friends send them, with nothing true in it: often the beginning of a session. */
  #pretended(): Uint8Array {
    const dice = this.#dice
    const session = dice.bytes(SESSION_NAME_BYTES)
    if (dice.chance(0.5))
      return Uint8Array.of(1, ...session, ...dice.bytes(32), ...encodeVersion(LINK_VERSION))
    return Uint8Array.of(dice.between(1, 3), ...session, ...dice.bytes(Math.floor(dice.spread(1, 2_000))))
  }

  // ----

  #happens<K>(habits: ReadonlyMap<K, number>, name: K): boolean {
    const chance = habits.get(name)
    return chance !== undefined && this.#dice.chance(chance)
  }

  #say(connection: number, message: FromRelay): void {
    this.#door.send(connection, fromRelay.encode(message))
  }

  #anybody(): number {
    return this.#dice.pick([...this.#clients.keys()])
  }

  /** The key of a client, of the named one as a last resort. */
  #anyKey(other?: PublicKey): PublicKey {
    return this.#dice.pick([...this.#clients.values()].filter((key) => key !== other).concat(other ?? []))
  }
}
