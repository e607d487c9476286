import { expect, it } from 'vitest'
import { nobleProvider } from '../../../../../protocol/ed25519.ts'
import { ed25519Vectors } from '../../../../../protocol/ed25519-vectors.ts'
import { asyncVerifier, passesVectors } from '../../../../../worker/runtime/crypto/verifier.ts'
import { chooseVerifier, webCryptoVerifier } from '../../../../../worker/runtime/crypto/webcrypto.ts'

/** The platform's WebCrypto with another `verify`. */
function platform(verify: SubtleCrypto['verify']): SubtleCrypto {
  return {
    importKey: crypto.subtle.importKey.bind(crypto.subtle),
    verify,
  } as unknown as SubtleCrypto
}

it('SIG-5: takes the platform where it passes the vectors', async () => {
  expect((await chooseVerifier(crypto.subtle)).name).toBe('webcrypto')
})

it('SIG-5: takes noble where the platform is missing, fails, or accepts too much', async () => {
  const missing = platform(() => Promise.reject(new Error('Ed25519 is not supported')))
  const credulous = platform(() => Promise.resolve(true))
  const refusing = platform(() => Promise.resolve(false))
  for (const subtle of [undefined, missing, credulous, refusing]) {
    expect((await chooseVerifier(subtle)).name).toBe('noble')
  }
})

it('SIG-5: goes on with noble when the platform breaks after the start', async () => {
  let isBroken = false
  const verifier = await chooseVerifier(
    platform((...args) => (isBroken ? Promise.reject(new Error('gone')) : crypto.subtle.verify(...args))),
  )
  expect(verifier.name).toBe('webcrypto')
  isBroken = true
  expect(await passesVectors(verifier, ed25519Vectors)).toBe(true)
})

it('SIG-5: measures a verifier by the vectors', async () => {
  expect(await passesVectors(asyncVerifier(nobleProvider), ed25519Vectors)).toBe(true)
  expect(await passesVectors(webCryptoVerifier(platform(() => Promise.resolve(true))), ed25519Vectors)).toBe(
    false,
  )
})
