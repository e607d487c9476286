// Keys, identifiers and amounts that golden messages are made of: the same in every run.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import type { Currency, Hash, InvoiceId, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { AMOUNT_MAX, BALANCE_MAX, toBase64url } from '../../../protocol/wire.ts'
import { seededRandom } from '../../support/seeded-random.ts'

/** `size` bytes that belong to `name`. */
export function bytesOf(name: string, size: number): Uint8Array {
  return seededRandom(`golden sample ${name}`)(size)
}

export function signerOf(name: string): Signer {
  return nobleProvider.signer(bytesOf(`secret key of ${name}`, 32))
}

export function keyOf(name: string): PublicKey {
  return signerOf(name).publicKey
}

export function hashOf(name: string): Hash {
  return toBase64url(bytesOf(name, 32)) as Hash
}

export function requestIdOf(name: string): RequestId {
  return toBase64url(bytesOf(name, 16)) as RequestId
}

export const alice = keyOf('alice')
export const bob = keyOf('bob')
export const carol = keyOf('carol')
export const invoiceId = hashOf('invoice') as string as InvoiceId
/** Of nothing in particular: codecs do not verify. */
export const signature = toBase64url(bytesOf('signature', 64)) as Signature
export const credit = 'credit' as Currency
/** As many bytes as a currency may have. */
export const longCurrency = 'Ithaca hour 🕰' as Currency
export const TIME = 1_700_000_000_000
/** The largest whole number that a message can name. */
export const COUNTER_MAX = Number.MAX_SAFE_INTEGER
export const U32_MAX = 0xffff_ffff
export { AMOUNT_MAX, BALANCE_MAX }
