// The relays of a card: its own, where its friends find it, and its friends', where it finds them. One connection
// to each, whatever number of friends is behind it.

import type { PublicKey, RelayAddress } from '../../protocol/types.ts'
import { PACKET_BYTES_MAX, RELAYS_MAX } from '../../protocol/limits.ts'
import {
  fromRelay,
  RELAY_PROLOGUE,
  toRelay,
  type FromRelay,
  type ToRelay,
} from '../../protocol/relay-messages.ts'
import { TokenBucket } from '../../protocol/token-bucket.ts'
import * as wire from '../../protocol/wire.ts'
import type { Connections } from '../core/actions.ts'
import {
  DIAL_RETRY_MS_MAX,
  LISTED_DIALS_BURST_MAX,
  LISTED_DIALS_PER_SECOND_MAX,
  RELAY_LINKS_MAX,
  REPLACED_RETRY_MS,
} from './limits.ts'
import { ServerLink, type LinkContext } from './server-link.ts'

export interface RelayEvents {
  /** Packets to friends can be sent over this relay now. */
  relayConnected(relay: PublicKey): void
  relayDisconnected(relay: PublicKey): void
  packet(relay: PublicKey, from: PublicKey, payload: Uint8Array): void
  /** The peer cannot be reached over this relay, or a packet to it was lost. */
  peerGone(relay: PublicKey, peer: PublicKey): void
  /** The same card has connected elsewhere. */
  replaced(): void
  /** What the views show of a relay has changed. */
  relayChanged(relay: PublicKey): void
}

export class RelayLinks {
  readonly #context: LinkContext
  readonly #events: RelayEvents
  readonly #links = new Map<PublicKey, ServerLink>()
  #allowed: readonly PublicKey[] = []
  /** The relays at which this card listens. */
  #own: ReadonlySet<PublicKey> = new Set()
  /** Dials that the lists of friends may cause at once. */
  readonly #dials: TokenBucket

  constructor(context: LinkContext, events: RelayEvents) {
    this.#context = context
    this.#events = events
    const now = context.clock.now()
    this.#dials = new TokenBucket(LISTED_DIALS_BURST_MAX, LISTED_DIALS_PER_SECOND_MAX, now)
  }

  /** Connects to what is wanted and leaves what is not. */
  update({ relays, friends, apps }: Pick<Connections, 'relays' | 'friends' | 'apps'>): void {
    this.#allow([...friends.map(({ publicKey }) => publicKey), ...apps])
    this.#own = new Set(relays.map(({ publicKey }) => publicKey))
    const wanted = addressesByKey([...relays, ...relaysInTurn(friends)])
    for (const [relay, link] of this.#links) {
      if (wanted.has(relay)) continue
      this.#links.delete(relay)
      const wasConnected = link.state === 'connected'
      link.close()
      if (wasConnected) this.#events.relayDisconnected(relay)
    }
    for (const [relay, addresses] of wanted) {
      const link = this.#links.get(relay)
      if (link === undefined) this.#links.set(relay, this.#open(relay, addresses, this.#delay(relay)))
      else link.setAddresses(addresses, link.isAstray(addresses) ? this.#delay(relay) : 0)
    }
  }

  /** The network is back: relays that are not connected are dialled at once. */
  wake(): void {
    for (const link of this.#links.values()) link.wake()
  }

  /** The connection to a relay, for the views. */
  get(relay: PublicKey): ServerLink | undefined {
    return this.#links.get(relay)
  }

  isConnected(relay: PublicKey): boolean {
    return this.#links.get(relay)?.state === 'connected'
  }

  /** Lost when the relay is not connected. */
  send(relay: PublicKey, to: PublicKey, payload: Uint8Array): void {
    const link = this.#links.get(relay)
    if (link !== undefined) say(link, { kind: 'send', to, payload })
  }

  /** Bytes that wait to be sent to a relay. */
  bufferedBytes(relay: PublicKey): number {
    return this.#links.get(relay)?.bufferedBytes ?? 0
  }

  /** Leaves all relays; no event follows. */
  close(): void {
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  /** REL-3: only enabled friends and accepted apps reach this card. */
  #allow(keys: readonly PublicKey[]): void {
    const isSame =
      keys.length === this.#allowed.length && keys.every((key, index) => this.#allowed[index] === key)
    if (isSame) return
    this.#allowed = keys
    for (const link of this.#links.values()) say(link, { kind: 'allow', keys })
  }

  /** A friend who names other relays all the time must not make this card dial all the time. */
  #delay(relay: PublicKey): number {
    const isFree = this.#own.has(relay) || this.#dials.take(1, this.#context.clock.now())
    return isFree ? 0 : DIAL_RETRY_MS_MAX
  }

  #open(relay: PublicKey, addresses: readonly string[], delay_ms: number): ServerLink {
    const events = this.#events
    const link: ServerLink = new ServerLink(
      relay,
      addresses,
      RELAY_PROLOGUE,
      this.#context,
      {
        connected: () => {
          say(link, { kind: 'allow', keys: this.#allowed })
          events.relayConnected(relay)
        },
        message: (bytes) => {
          const message = wire.decode(fromRelay, bytes)
          if (message.ok) this.#receive(link, message.value)
          else
            link.reject({
              code: 'malformed',
              message: `The relay speaks unclearly: ${message.error.message}.`,
            })
        },
        disconnected: () => events.relayDisconnected(relay),
        changed: () => events.relayChanged(relay),
      },
      delay_ms,
    )
    return link
  }

  #receive(link: ServerLink, message: FromRelay): void {
    switch (message.kind) {
      case 'limits':
        if (message.payloadBytesMax >= PACKET_BYTES_MAX && message.allowedKeysMax >= this.#allowed.length)
          return
        link.reject({
          code: 'unsuitable',
          message: 'This relay carries less than this card needs: use another.',
        })
        return
      case 'received':
        this.#events.packet(link.publicKey, message.from, message.payload)
        return
      case 'peerGone':
        this.#events.peerGone(link.publicKey, message.key)
        return
      case 'replaced':
        this.#replaced(link)
    }
  }

  /** SES-7: what a friend's relay says is believed only while no relay of this card can say otherwise. */
  #replaced(link: ServerLink): void {
    const isOwn = this.#own.has(link.publicKey)
    if (isOwn || ![...this.#own].some((relay) => this.isConnected(relay))) {
      this.#events.replaced()
      return
    }
    const message = 'This relay says that the card is open on another device; the relays of the card do not.'
    link.reject({ code: 'replaced', message }, REPLACED_RETRY_MS)
  }
}

function say(link: ServerLink, message: ToRelay): void {
  link.send(toRelay.encode(message))
}

/** The first relay of every friend, then the second ones: nobody takes the place of others by listing many. */
function relaysInTurn(friends: Connections['friends']): RelayAddress[] {
  const turns = Array.from({ length: RELAYS_MAX }, (_, turn) => turn)
  return turns.flatMap((turn) => friends.flatMap(({ relays }) => relays.slice(turn, turn + 1)))
}

/** Each server once, with all its addresses; the card's own come first, and are never dropped for friends'. */
function addressesByKey(relays: readonly RelayAddress[]): Map<PublicKey, string[]> {
  const wanted = new Map<PublicKey, string[]>()
  for (const { publicKey, address } of relays) {
    const addresses = wanted.get(publicKey)
    if (addresses === undefined) {
      if (wanted.size < RELAY_LINKS_MAX) wanted.set(publicKey, [address])
    } else if (!addresses.includes(address)) addresses.push(address)
  }
  return wanted
}
