// Who forwards to whom: the relay's decisions, without sockets, clock or keys of its own.
// Rules: docs/PROTOCOL.md, section 6 (REL-n).

import type { FromRelay, GoneReason, ToRelay } from '../protocol/relay-messages.ts'
import { invariant } from '../protocol/result.ts'
import { TokenBucket } from '../protocol/token-bucket.ts'
import type { PublicKey, Time } from '../protocol/types.ts'
import {
  ALLOW_BURST_KEYS_MAX,
  ALLOW_KEYS_PER_SECOND_MAX,
  ANNOUNCED_LIMITS,
  CLIENT_BURST_BYTES_MAX,
  CLIENT_BYTES_PER_SECOND_MAX,
  PACKET_OVERHEAD_BYTES,
  PARTNERS_MAX,
} from './limits.ts'

/** Names a connection; never used again for another one. */
export type ConnectionId = number

export type RelayAction =
  /** Say something to a client. */
  | { readonly kind: 'say'; readonly connection: ConnectionId; readonly message: FromRelay }
  /** Pass a packet on; when the receiver's queue is full, call `overloaded` instead. */
  | {
      readonly kind: 'deliver'
      readonly connection: ConnectionId
      readonly sender: ConnectionId
      readonly from: PublicKey
      readonly payload: Uint8Array
    }
  /** End a connection; `closed` need not be called for it. */
  | { readonly kind: 'close'; readonly connection: ConnectionId }

interface Client {
  readonly connection: ConnectionId
  readonly key: PublicKey
  allowed: ReadonlySet<PublicKey>
  /** Those it exchanged packets with, in either direction, the oldest first: they are told when it goes. */
  readonly partners: Set<PublicKey>
  readonly packets: TokenBucket
  readonly allows: TokenBucket
}

const NOBODY: ReadonlySet<PublicKey> = new Set()

export class RelayCore {
  readonly #byKey = new Map<PublicKey, Client>()
  readonly #byConnection = new Map<ConnectionId, Client>()

  get size(): number {
    return this.#byKey.size
  }

  /** A client has proved its key. The older connection of the same key, if any, ends (REL-5). */
  opened(connection: ConnectionId, key: PublicKey, now: Time): RelayAction[] {
    invariant(!this.#byConnection.has(connection), 'a connection opens once')
    const actions: RelayAction[] = []
    const older = this.#byKey.get(key)
    if (older !== undefined) {
      actions.push(
        { kind: 'say', connection: older.connection, message: { kind: 'replaced' } },
        { kind: 'close', connection: older.connection },
        ...this.closed(older.connection),
      )
    }
    const client: Client = {
      connection,
      key,
      allowed: NOBODY,
      partners: new Set(),
      packets: new TokenBucket(CLIENT_BURST_BYTES_MAX, CLIENT_BYTES_PER_SECOND_MAX, now),
      allows: new TokenBucket(ALLOW_BURST_KEYS_MAX, ALLOW_KEYS_PER_SECOND_MAX, now),
    }
    this.#byKey.set(key, client)
    this.#byConnection.set(connection, client)
    actions.push({ kind: 'say', connection, message: { kind: 'limits', ...ANNOUNCED_LIMITS } })
    return actions
  }

  /** A client has said something. */
  received(connection: ConnectionId, message: ToRelay, now: Time): RelayAction[] {
    const client = this.#byConnection.get(connection)
    if (client === undefined) return []
    switch (message.kind) {
      case 'send':
        return this.#forward(client, message.to, message.payload, now)
      case 'allow':
        return this.#allow(client, message.keys, now)
    }
  }

  /** A connection has ended: those who had just talked with its client are told (REL-4). */
  closed(connection: ConnectionId): RelayAction[] {
    const client = this.#byConnection.get(connection)
    if (client === undefined) return []
    this.#byConnection.delete(connection)
    this.#byKey.delete(client.key)
    const actions: RelayAction[] = []
    for (const key of client.partners) {
      const partner = this.#byKey.get(key)
      if (partner?.partners.delete(client.key) !== true) continue
      actions.push(peerGone(partner, client.key, 'disconnected'))
    }
    return actions
  }

  /** A packet could not be queued for its receiver (REL-6). */
  overloaded(sender: ConnectionId, receiver: ConnectionId): RelayAction[] {
    const from = this.#byConnection.get(sender)
    const to = this.#byConnection.get(receiver)
    return from === undefined || to === undefined ? [] : [peerGone(from, to.key, 'overloaded')]
  }

  #forward(client: Client, to: PublicKey, payload: Uint8Array, now: Time): RelayAction[] {
    if (!client.packets.take(payload.length + PACKET_OVERHEAD_BYTES, now)) {
      return [peerGone(client, to, 'overloaded')]
    }
    const receiver = this.#byKey.get(to)
    // REL-3: whoever is not allowed gets the answer of an absent receiver, so that he does not learn more.
    if (receiver?.allowed.has(client.key) !== true) return [peerGone(client, to, 'notConnected')]
    remember(client.partners, receiver.key)
    remember(receiver.partners, client.key)
    return [
      {
        kind: 'deliver',
        connection: receiver.connection,
        sender: client.connection,
        from: client.key,
        payload,
      },
    ]
  }

  #allow(client: Client, keys: readonly PublicKey[], now: Time): RelayAction[] {
    // The list that a client wants decides who reaches it: to ignore one would be worse than to end the link.
    if (!client.allows.take(keys.length + 1, now)) {
      return [{ kind: 'close', connection: client.connection }, ...this.closed(client.connection)]
    }
    const before = client.allowed
    client.allowed = new Set(keys)
    const actions: RelayAction[] = []
    for (const key of client.partners) {
      if (!before.has(key) || client.allowed.has(key)) continue
      // REL-3: for him who is no longer allowed, the client has gone.
      client.partners.delete(key)
      const partner = this.#byKey.get(key)
      if (partner?.partners.delete(client.key) !== true) continue
      actions.push(peerGone(partner, client.key, 'disconnected'))
    }
    return actions
  }
}

function peerGone(client: Client, key: PublicKey, reason: GoneReason): RelayAction {
  return { kind: 'say', connection: client.connection, message: { kind: 'peerGone', key, reason } }
}

/** Adds a partner, and forgets the oldest when there are too many. */
function remember(partners: Set<PublicKey>, key: PublicKey): void {
  if (partners.has(key)) return
  partners.add(key)
  if (partners.size <= PARTNERS_MAX) return
  for (const oldest of partners) {
    partners.delete(oldest)
    return
  }
}
