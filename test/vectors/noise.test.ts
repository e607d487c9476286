// The published Noise vector, byte for byte, and keys of low order; with the key agreement of each provider.

import { readFileSync } from 'node:fs'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { Handshake, keyPair, type Role } from '../../protocol/noise.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'

const PROVIDERS = [nobleProvider, nodeProvider]

interface NoiseVector {
  readonly init_prologue: string
  readonly init_static: string
  readonly init_ephemeral: string
  readonly resp_prologue: string
  readonly resp_static: string
  readonly resp_ephemeral: string
  readonly handshake_hash: string
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[]
}

const text = readFileSync(new URL('noise-xx.json', import.meta.url), 'utf8')
const vector = JSON.parse(text) as NoiseVector

function handshake(role: Role, provider = nobleProvider): Handshake {
  const [prologue, staticKey, ephemeral] =
    role === 'initiator'
      ? [vector.init_prologue, vector.init_static, vector.init_ephemeral]
      : [vector.resp_prologue, vector.resp_static, vector.resp_ephemeral]
  return new Handshake(
    role,
    hexToBytes(prologue),
    keyPair(hexToBytes(staticKey), provider),
    hexToBytes(ephemeral),
    provider,
  )
}

it.each(PROVIDERS)(
  'NOI-1: speaks Noise_XX_25519_ChaChaPoly_SHA256 as published, both sides, byte for byte ($name)',
  (provider) => {
    const sides = [handshake('initiator', provider), handshake('responder', provider)] as const
    vector.messages.slice(0, 3).forEach(({ payload, ciphertext }, turn) => {
      const [writer, reader] = turn % 2 === 0 ? sides : [sides[1], sides[0]]
      const written = writer.write(hexToBytes(payload))
      expect(written.ok && bytesToHex(written.value)).toBe(ciphertext)
      const read = reader.read(hexToBytes(ciphertext))
      expect(read.ok && bytesToHex(read.value)).toBe(payload)
    })
    const [first, second] = [sides[0].split(), sides[1].split()]
    expect(bytesToHex(first.handshakeHash)).toBe(vector.handshake_hash)
    expect(bytesToHex(second.handshakeHash)).toBe(vector.handshake_hash)
    // The messages go on taking turns: the fourth is the responder's.
    const none = new Uint8Array(0)
    vector.messages.slice(3).forEach(({ payload, ciphertext }, index) => {
      const [sender, receiver] = index % 2 === 0 ? [second, first] : [first, second]
      expect(bytesToHex(sender.send.seal(none, hexToBytes(payload)))).toBe(ciphertext)
      const opened = receiver.receive.open(none, hexToBytes(ciphertext))
      expect(opened && bytesToHex(opened)).toBe(payload)
    })
  },
)

/** All u below 2^255 that every clamped scalar takes to zero (RFC 7748, section 6.1): orders 1, 2, 4 and 8. */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
]

it('NOI-1: all providers agree on the same secrets, whatever the key of the other side', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (secret, key) => {
        const [noble, node] = PROVIDERS.map((provider) => provider.agree(secret, key))
        expect(node).toEqual(noble)
        expect(nodeProvider.agreementKey(secret)).toEqual(nobleProvider.agreementKey(secret))
      },
    ),
    { numRuns: 100 },
  )
})

describe.each(LOW_ORDER)('NOI-1: a peer whose key is the low-order %s', (u) => {
  it.each([0x00, 0x80])('gets no shared secret (highest bit %i)', (bit) => {
    const key = hexToBytes(u)
    key[31] = (key[31] ?? 0) | bit
    for (const provider of PROVIDERS) {
      expect(provider.agree(new Uint8Array(32).fill(7), key), provider.name).toBeUndefined()
    }
  })

  it('fails the handshake as ephemeral key of the initiator', () => {
    const responder = handshake('responder')
    expect(responder.read(hexToBytes(u)).ok).toBe(true)
    const written = responder.write(new Uint8Array(0))
    expect(!written.ok && written.error.code).toBe('decryptFailed')
  })

  it('fails the handshake as static key of the responder', () => {
    const initiator = handshake('initiator')
    const staticKey = { secret: new Uint8Array(32).fill(9), public: hexToBytes(u) }
    const responder = new Handshake(
      'responder',
      hexToBytes(vector.resp_prologue),
      staticKey,
      hexToBytes(vector.resp_ephemeral),
      nobleProvider,
    )
    const hello = initiator.write(new Uint8Array(0))
    if (hello.ok) responder.read(hello.value)
    const answer = responder.write(new Uint8Array(0))
    const read = answer.ok ? initiator.read(answer.value) : answer
    expect(answer.ok && !read.ok && read.error.code).toBe('decryptFailed')
  })
})
