import { expect, it } from 'vitest'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { CipherState, Handshake, keyPair } from '../../../protocol/noise.ts'
import { InvariantError } from '../../../protocol/result.ts'

const none = new Uint8Array(0)
const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)

function pair(): { a: Handshake; b: Handshake } {
  return {
    a: new Handshake('initiator', none, keyPair(bytes(1), nobleProvider), bytes(2), nobleProvider),
    b: new Handshake('responder', none, keyPair(bytes(3), nobleProvider), bytes(4), nobleProvider),
  }
}

function written(handshake: Handshake): Uint8Array {
  const message = handshake.write(none)
  if (!message.ok) throw new Error(message.error.message)
  return message.value
}

it('NOI-1: uses each nonce once, whether a message opens or not', () => {
  const sender = new CipherState(bytes(1))
  const receiver = new CipherState(bytes(1))
  const first = sender.seal(none, none)
  const second = sender.seal(none, none)
  expect(second).not.toEqual(first)
  expect(receiver.open(none, second)).toBeUndefined()
  expect(receiver.open(none, first)).toBeUndefined()
  expect(receiver.count).toBe(2)
})

it('NOI-1: fails a handshake whose sides have different prologues', () => {
  const a = new Handshake(
    'initiator',
    Uint8Array.of(1),
    keyPair(bytes(1), nobleProvider),
    bytes(2),
    nobleProvider,
  )
  const { b } = pair()
  expect(b.read(written(a)).ok).toBe(true)
  expect(a.read(written(b)).ok).toBe(false)
})

it('NOI-1: refuses messages that are too short for their keys', () => {
  const { a, b } = pair()
  expect(b.read(new Uint8Array(31))).toMatchObject({ error: { code: 'malformed' } })
  written(a)
  expect(a.read(new Uint8Array(79).fill(9))).toMatchObject({ error: { code: 'malformed' } })
})

it('stops a program that uses a handshake out of turn', () => {
  const { a, b } = pair()
  expect(() => b.write(none)).toThrow(InvariantError)
  expect(() => a.read(none)).toThrow(InvariantError)
  expect(() => a.split()).toThrow(InvariantError)
})
