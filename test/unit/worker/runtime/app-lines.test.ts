// Packets of apps over relays, some of them hostile: which become connections, and what each may cost.

import { beforeEach, expect, it } from 'vitest'
import { appPacket, type AppPacket } from '../../../../protocol/app-packets.ts'
import type { Socket } from '../../../../protocol/transport.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { AppLines } from '../../../../worker/runtime/app-lines.ts'
import { APP_DIALS_BURST_MAX, APP_LINES_MAX } from '../../../../worker/runtime/limits.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const random = seededRandom('app lines')
const key = (): PublicKey => toBase64url(random(32)) as PublicKey
const name = (): string => toBase64url(random(8))
const [RELAY, OTHER_RELAY, APP, STRANGER] = [key(), key(), key(), key()]
const HELLO = random(34)
const SEALED = random(500)

let clock: VirtualClock
let lines: AppLines
let accepted: { socket: Socket; heard: Uint8Array[]; isClosed: boolean }[]
let sent: { relay: PublicKey; to: PublicKey; packet: AppPacket }[]

beforeEach(() => {
  clock = new VirtualClock()
  accepted = []
  sent = []
  lines = new AppLines({
    clock,
    send: (relay, to, packet) => sent.push({ relay, to, packet: appPacket.decode(packet) }),
    bufferedBytes: (relay) => (relay === RELAY ? 7 : 0),
    accept: (socket) => {
      const connection = { socket, heard: [] as Uint8Array[], isClosed: false }
      socket.onMessage = (message) => connection.heard.push(message)
      socket.onClose = () => (connection.isClosed = true)
      accepted.push(connection)
    },
  })
  lines.update([APP])
})

function say(link: string, frame: Uint8Array, from = APP, relay = RELAY): boolean {
  return lines.packet(relay, from, appPacket.encode({ kind: 'toNode', line: link, frame }))
}

it('APP-16 makes a connection of the first packet of a link, and hands it what follows', () => {
  const link = name()
  expect(say(link, HELLO)).toBe(true)
  say(link, SEALED)
  expect(accepted.map(({ heard }) => heard)).toEqual([[HELLO, SEALED]])
  accepted[0]!.socket.send(SEALED)
  expect(sent).toEqual([{ relay: RELAY, to: APP, packet: { kind: 'toApp', line: link, frame: SEALED } }])
  expect(accepted[0]!.socket.bufferedBytes).toBe(7)
})

it('APP-16 leaves packets alone that are not of an accepted app, or no app packets', () => {
  expect(say(name(), HELLO, STRANGER)).toBe(false)
  expect(lines.packet(RELAY, APP, Uint8Array.of(1, 2, 3))).toBe(false)
  expect(lines.packet(RELAY, APP, new Uint8Array())).toBe(false)
  expect(accepted).toEqual([])
  expect(sent).toEqual([])
})

it('APP-16 says of a link that it does not know that it has ended', () => {
  const link = name()
  say(link, SEALED)
  expect(accepted).toEqual([])
  expect(sent.map(({ packet }) => packet)).toEqual([{ kind: 'ended', line: link }])
})

it('APP-16 begins only so many handshakes in the name of an app, and more when time has passed', () => {
  for (let i = 0; i < 10 * APP_DIALS_BURST_MAX; i++) say(name(), HELLO)
  expect(accepted).toHaveLength(APP_DIALS_BURST_MAX)
  for (let i = 0; i < 10 * APP_DIALS_BURST_MAX; i++) say(name(), SEALED)
  expect(sent).toEqual([])
  clock.advance(10_000)
  say(name(), HELLO)
  expect(accepted).toHaveLength(APP_DIALS_BURST_MAX + 1)
})

it('APP-16 keeps so many links of an app; the oldest gives way', () => {
  for (let i = 0; i <= APP_LINES_MAX; i++) say(name(), HELLO)
  expect(accepted.map(({ isClosed }) => isClosed)).toEqual([
    true,
    ...Array<boolean>(APP_LINES_MAX).fill(false),
  ])
})

it('APP-16 takes the packets of a link only over the relay over which it began', () => {
  const link = name()
  say(link, HELLO)
  say(link, SEALED, APP, OTHER_RELAY)
  lines.packet(OTHER_RELAY, APP, appPacket.encode({ kind: 'ended', line: link }))
  expect(accepted).toMatchObject([{ heard: [HELLO], isClosed: false }])
})

it.each<[string, () => void]>([
  ['the relay says that the app has gone', () => lines.peerGone(RELAY, APP)],
  ['the relay is lost', () => lines.relayDisconnected(RELAY)],
  ['the app is no longer accepted', () => lines.update([STRANGER])],
  ['the card is closed', () => lines.close()],
])('APP-16 ends the connections when %s', (_, happen) => {
  const link = name()
  say(link, HELLO)
  happen()
  expect(accepted).toMatchObject([{ isClosed: true }])
  accepted[0]!.socket.send(SEALED)
  expect(sent).toEqual([])
})

it('APP-16 does not disturb other connections when one ends', () => {
  const [one, other] = [name(), name()]
  say(one, HELLO)
  say(other, HELLO, APP, OTHER_RELAY)
  lines.packet(RELAY, APP, appPacket.encode({ kind: 'ended', line: one }))
  lines.relayDisconnected(RELAY)
  expect(accepted.map(({ isClosed }) => isClosed)).toEqual([true, false])
})

it('APP-16 forgets a connection that was closed here', () => {
  const link = name()
  say(link, HELLO)
  accepted[0]!.socket.close()
  say(link, SEALED)
  expect(sent.map(({ packet }) => packet)).toEqual([{ kind: 'ended', line: link }])
})
