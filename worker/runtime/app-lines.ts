// Apps that reach this card over its relays: makes sockets of their packets, which the door for apps takes like any
// other. What somebody sends who is no accepted app is dropped unread.

import { appPacket, type AppPacket } from '../../protocol/app-packets.ts'
import { TokenBucket } from '../../protocol/token-bucket.ts'
import type { Clock, Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import * as wire from '../../protocol/wire.ts'
import { APP_DIALS_BURST_MAX, APP_DIALS_PER_SECOND_MAX, APP_LINES_MAX, HELLO_BYTES_MAX } from './limits.ts'
import { PacketSocket } from './packet-socket.ts'

export interface AppLinesOptions {
  readonly clock: Clock
  readonly send: (relay: PublicKey, to: PublicKey, packet: Uint8Array) => void
  /** Bytes that wait to be sent to this relay. */
  readonly bufferedBytes: (relay: PublicKey) => number
  /** Serves one more connection. */
  readonly accept: (socket: Socket) => void
}

interface Line {
  readonly relay: PublicKey
  readonly socket: PacketSocket
}

export class AppLines {
  readonly #options: AppLinesOptions
  /** Lines of each accepted app, by name, the oldest first. */
  readonly #apps = new Map<PublicKey, Map<string, Line>>()
  /** Handshakes that may be begun in an app's name: a relay can pretend to be any. */
  readonly #dials = new Map<PublicKey, TokenBucket>()

  constructor(options: AppLinesOptions) {
    this.#options = options
  }

  /** Takes packets of exactly these apps. */
  update(apps: readonly PublicKey[]): void {
    const wanted = new Set(apps)
    for (const app of [...this.#apps.keys()]) {
      if (wanted.has(app)) continue
      this.#breakIf(app, () => true)
      this.#apps.delete(app)
      this.#dials.delete(app)
    }
    for (const app of apps) if (!this.#apps.has(app)) this.#apps.set(app, new Map())
  }

  /** @returns whether it came from an app, and is dealt with. */
  packet(relay: PublicKey, from: PublicKey, payload: Uint8Array): boolean {
    const lines = this.#apps.get(from)
    if (lines === undefined) return false
    const packet = wire.decode(appPacket, payload)
    if (packet.ok) this.#receive({ relay, app: from, lines }, packet.value)
    return packet.ok
  }

  /** The app cannot be reached over this relay, or a packet to it was lost. */
  peerGone(relay: PublicKey, app: PublicKey): void {
    this.#breakIf(app, (line) => line.relay === relay)
  }

  relayDisconnected(relay: PublicKey): void {
    for (const app of this.#apps.keys()) this.peerGone(relay, app)
  }

  close(): void {
    this.update([])
  }

  #receive(
    { relay, app, lines }: { relay: PublicKey; app: PublicKey; lines: Map<string, Line> },
    packet: AppPacket,
  ): void {
    const line = lines.get(packet.line)
    if (line !== undefined && line.relay === relay) {
      if (packet.kind === 'toNode') line.socket.onMessage(packet.frame)
      else if (packet.kind === 'ended') this.#breakIf(app, (each) => each === line)
      return
    }
    if (packet.kind !== 'toNode' || line !== undefined || !this.#mayDial(app)) return
    const send = (answer: AppPacket): void => this.#options.send(relay, app, appPacket.encode(answer))
    if (packet.frame.length > HELLO_BYTES_MAX) return send({ kind: 'ended', line: packet.line })
    const socket = new PacketSocket({
      send: (frame) => send({ kind: 'toApp', line: packet.line, frame }),
      bufferedBytes: () => this.#options.bufferedBytes(relay),
      onClosed: () => lines.delete(packet.line),
    })
    this.#makeRoom(app, lines)
    lines.set(packet.line, { relay, socket })
    this.#options.accept(socket)
    socket.onMessage(packet.frame)
  }

  #mayDial(app: PublicKey): boolean {
    const now = this.#options.clock.now()
    const dials = this.#dials.get(app) ?? new TokenBucket(APP_DIALS_BURST_MAX, APP_DIALS_PER_SECOND_MAX, now)
    this.#dials.set(app, dials)
    return dials.take(1, now)
  }

  #makeRoom(app: PublicKey, lines: Map<string, Line>): void {
    const [oldest] = lines.values()
    if (lines.size >= APP_LINES_MAX) this.#breakIf(app, (line) => line === oldest)
  }

  #breakIf(app: PublicKey, isHit: (line: Line) => boolean): void {
    const lines = this.#apps.get(app) ?? new Map<string, Line>()
    for (const [name, line] of [...lines]) {
      if (!isHit(line)) continue
      lines.delete(name)
      line.socket.break()
    }
  }
}
