// An index server that lies: about routes (lies.ts), about what it is told, and by its silence.

import { utf8ToBytes } from '@noble/hashes/utils.js'
import {
  fromIndex,
  INDEX_PROLOGUE,
  REFUSAL_REASONS,
  toIndex,
  update,
  type FromIndex,
  type Query,
  type RefusalReason,
  type ToIndex,
} from '../../../../protocol/index-messages.ts'
import { LinkAcceptor, type ServerEnvironment } from '../../../../protocol/link-acceptor.ts'
import { MESSAGE_BYTES_MAX, UPDATE_BYTES_MAX } from '../../../../protocol/limits.ts'
import type { Clock, Socket } from '../../../../protocol/transport.ts'
import type { Hash, PublicKey } from '../../../../protocol/types.ts'
import { decode, taggedHash } from '../../../../protocol/wire.ts'
import { IndexCore, type IndexAction } from '../../../../index-server/core.ts'
import type { Dice } from '../dice.ts'
import { drawHabits } from './habits.ts'
import { LIES, lieAbout, type LieName } from './lies.ts'

/** What becomes of a question. `truth` and a lie may both be said. */
const ANSWERS = ['silence', 'truth', 'lie', 'twice', 'noRoute'] as const
/** What happens from time to time, whether or not somebody asks. */
const MOODS = ['answerUnasked', 'refuse', 'floodHashes', 'babble', 'shout', 'hangUp'] as const

const MOOD_MS = 1_000
const LATE_MS_MAX = 12_000
const FLOOD_HASHES_MAX = 300

export class HostileIndexServer {
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #core: IndexCore
  readonly #door: LinkAcceptor
  readonly #lies: readonly LieName[]
  readonly #answers: ReadonlyMap<(typeof ANSWERS)[number], number>
  readonly #moods: ReadonlyMap<(typeof MOODS)[number], number>
  /** What all updates are refused with; missing: they are taken. */
  readonly #refusal: RefusalReason | undefined
  readonly #isMute: boolean
  readonly #isSlow: boolean
  readonly #clients = new Set<number>()
  /** Who reports whom. */
  readonly #friends = new Map<PublicKey, ReadonlySet<PublicKey>>()
  #stopMoods: () => void = () => undefined

  constructor(environment: ServerEnvironment, dice: Dice) {
    this.#clock = environment.clock
    this.#dice = dice
    this.#core = new IndexCore(environment.crypto, environment.random(32))
    this.#lies = [...drawHabits(dice, LIES, [1, 1]).keys()]
    this.#answers = drawHabits(dice, ANSWERS, [0.1, 1])
    this.#moods = dice.chance(0.5) ? drawHabits(dice, MOODS, [0.02, 1]) : new Map()
    this.#refusal = dice.chance(0.3) ? dice.pick(REFUSAL_REASONS) : undefined
    this.#isMute = dice.chance(0.1)
    this.#isSlow = dice.chance(0.3)
    this.#door = new LinkAcceptor({
      ...environment,
      prologue: INDEX_PROLOGUE,
      maxMessage: UPDATE_BYTES_MAX + 128,
      clientsMax: 1_000,
      handshakesMax: 1_000,
      queueBytesMax: Infinity,
      onOpen: (connection, key) => {
        this.#clients.add(connection)
        const hello = this.#core.opened(connection, key, this.#clock.now())
        // Without a hash no node can report anything.
        if (!this.#isMute) this.#sayAll(hello)
      },
      onMessage: (connection, bytes) => {
        const message = decode(toIndex, bytes)
        if (message.ok) this.#receive(connection, message.value)
      },
      onClose: (connection) => this.#closed(connection),
    })
    this.#moodLater()
  }

  accept(socket: Socket): void {
    this.#door.accept(socket)
  }

  close(): void {
    this.#stopMoods()
    this.#door.closeAll()
  }

  #closed(connection: number): void {
    this.#clients.delete(connection)
    this.#core.closed(connection, this.#clock.now())
  }

  #receive(connection: number, message: ToIndex): void {
    if (message.kind === 'query') return this.#answer(connection, message)
    this.#learn(message.body)
    const refusal = this.#core.received(connection, message, this.#clock.now())
    if (this.#refusal === undefined) this.#sayAll(refusal)
    else this.#say(connection, { kind: 'refused', reason: this.#refusal })
  }

  #learn(body: Uint8Array): void {
    const report = decode(update, body)
    if (!report.ok) return
    const { node, edges } = report.value
    const known = this.#friends.get(node) ?? []
    this.#friends.set(node, new Set([...known, ...edges.map(({ friend }) => friend)]))
  }

  // ---- Routes

  #answer(connection: number, query: Query): void {
    const dice = this.#dice
    const happens = (name: (typeof ANSWERS)[number]): boolean => dice.chance(this.#answers.get(name) ?? 0)
    if (happens('silence')) return
    const answers: Uint8Array[] = []
    if (happens('lie')) answers.push(this.#lie(query))
    if (happens('noRoute')) answers.push(encode({ kind: 'noRoute', id: query.id, reason: 'notConnected' }))
    if (happens('truth') || answers.length === 0) answers.push(...this.#truth(connection, query))
    if (happens('twice')) answers.push(...answers, this.#lie(query))
    for (const answer of answers) this.#sayLater(connection, answer)
  }

  #truth(connection: number, query: Query): Uint8Array[] {
    const actions = this.#core.received(connection, { kind: 'query', ...query }, this.#clock.now())
    return actions.map(({ message }) => encode(message))
  }

  #lie(query: Query): Uint8Array {
    return lieAbout(query, this.#dice.pick(this.#lies), this.#friends, this.#dice)
  }

  // ---- Moods

  #moodLater(): void {
    this.#stopMoods = this.#clock.after(MOOD_MS, () => {
      this.#moodLater()
      const news = this.#core.tick(this.#clock.now(), this.#dice.bytes(32))
      if (!this.#isMute) this.#sayAll(news)
      for (const [mood, chance] of this.#moods) {
        if (this.#clients.size > 0 && this.#dice.chance(chance)) this.#act(mood)
      }
    })
  }

  #act(mood: (typeof MOODS)[number]): void {
    const dice = this.#dice
    const connection = dice.pick([...this.#clients])
    switch (mood) {
      case 'answerUnasked':
        return this.#say(connection, { kind: 'routes', id: dice.between(0, 100), routes: [] })
      case 'refuse':
        return this.#say(connection, { kind: 'refused', reason: dice.pick(REFUSAL_REASONS) })
      case 'floodHashes':
        for (let left = dice.between(1, FLOOD_HASHES_MAX); left > 0; left--) {
          this.#say(connection, { kind: 'freshness', hash: hashOf(`${left}`) })
        }
        return
      case 'babble':
        this.#door.send(connection, dice.bytes(Math.floor(dice.spread(1, 3_000))))
        return
      case 'shout':
        this.#door.send(connection, new Uint8Array(MESSAGE_BYTES_MAX))
        return
      case 'hangUp':
        this.#door.close(connection)
        return this.#closed(connection)
    }
  }

  // ----

  #sayAll(actions: readonly IndexAction[]): void {
    for (const { connection, message } of actions) this.#say(connection, message)
  }

  #say(connection: number, message: FromIndex): void {
    this.#door.send(connection, encode(message))
  }

  #sayLater(connection: number, message: Uint8Array): void {
    if (this.#isSlow) {
      const delay_ms = Math.floor(this.#dice.spread(1, LATE_MS_MAX))
      this.#clock.after(delay_ms, () => this.#door.send(connection, message))
    } else this.#door.send(connection, message)
  }
}

function encode(message: FromIndex): Uint8Array {
  return fromIndex.encode(message).slice()
}

function hashOf(text: string): Hash {
  return taggedHash('offst/lie', utf8ToBytes(text))
}
