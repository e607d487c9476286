// Values that the seeds are made of: real keys, and the borders of what fields may hold.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import type { Currency, Hash, InvoiceId, PublicKey, RequestId, Signature } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'

export const signerOf = (seed: number) => nobleProvider.signer(bytes(32, seed))

export const KEYS: readonly PublicKey[] = [1, 2, 3, 4].map((seed) => signerOf(seed).publicKey)
export const [ALICE, BOB, CAROL] = KEYS as [PublicKey, PublicKey, PublicKey]

export const CREDIT = 'credit' as Currency
/** Sixteen bytes, some of several to a character. */
export const LONGEST_CURRENCY = 'žluťoučky🍌' as Currency
export const U128_MAX = (1n << 128n) - 1n
export const I128_MAX = (1n << 127n) - 1n

export const id16 = (value: number) => toBase64url(bytes(16, value)) as RequestId
export const id32 = (value: number) => toBase64url(bytes(32, value)) as Hash & InvoiceId
export const signature = toBase64url(bytes(64, 9)) as Signature

export function bytes(size: number, value = 7): Uint8Array {
  return new Uint8Array(size).fill(value)
}
