// Every provider answers every vector in the same way: the published ones and those on which libraries differ.

import { readFileSync } from 'node:fs'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { ed25519Vectors } from '../../protocol/ed25519-vectors.ts'
import { fromBase64url, toBase64url } from '../../protocol/wire.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { asyncVerifier } from '../../worker/runtime/crypto/verifier.ts'
import { webCryptoVerifier } from '../../worker/runtime/crypto/webcrypto.ts'
import { craftAll } from './craft-ed25519.ts'

interface Published {
  readonly vectors: readonly {
    readonly name: string
    readonly secret_key: string
    readonly public_key: string
    readonly message: string
    readonly signature: string
  }[]
}

const text = readFileSync(new URL('rfc8032.json', import.meta.url), 'utf8')
const published = (JSON.parse(text) as Published).vectors

it('keeps the vectors that the generator builds', () => {
  const built = craftAll().map(({ name, publicKey, message, signature, isValid }) => ({
    name,
    check: { publicKey: toBase64url(publicKey), message, signature: toBase64url(signature) },
    isValid,
  }))
  expect(ed25519Vectors).toEqual(built)
})

describe.each([asyncVerifier(nobleProvider), asyncVerifier(nodeProvider), webCryptoVerifier(crypto.subtle)])(
  'SIG-1, SIG-2, SIG-3: the $name provider follows the one rule',
  (verifier) => {
    it.each(ed25519Vectors)('on $name: $isValid', async ({ check, isValid }) => {
      expect(await verifier.verifyMany([check])).toEqual([isValid])
    })

    it('on all of them in flight at once, and again with cached keys', async () => {
      const checks = ed25519Vectors.map((vector) => vector.check)
      const expected = ed25519Vectors.map((vector) => vector.isValid)
      expect(await verifier.verifyMany(checks)).toEqual(expected)
      expect(await verifier.verifyMany(checks)).toEqual(expected)
    })
  },
)

describe.each([nobleProvider, nodeProvider])('SIG-4: the $name provider signs as published', (provider) => {
  it.each(published)('RFC 8032, $name', (vector) => {
    const signer = provider.signer(hexToBytes(vector.secret_key))
    const message = hexToBytes(vector.message)
    const signature = signer.sign(message)
    expect(bytesToHex(fromBase64url(signer.publicKey))).toBe(vector.public_key)
    expect(bytesToHex(fromBase64url(signature))).toBe(vector.signature)
    expect(provider.verify({ publicKey: signer.publicKey, message, signature })).toBe(true)
  })
})
