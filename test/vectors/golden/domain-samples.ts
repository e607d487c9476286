// What is signed and hashed, each with a domain tag of its own: the bytes under the signatures, and the hashes.

import { APP_PROLOGUE } from '../../../protocol/app-link.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { invoiceIdOf, receiptBytes, type Invoice } from '../../../protocol/payment.ts'
import { signedBytes, type SignedKind } from '../../../protocol/channel-messages.ts'
import { FEDERATION_PROLOGUE } from '../../../protocol/federation-messages.ts'
import { FRIEND_PROLOGUE } from '../../../protocol/friend-packets.ts'
import { freshnessHash, INDEX_PROLOGUE, updateBytes } from '../../../protocol/index-messages.ts'
import { linkIdentity } from '../../../protocol/link-identity.ts'
import { RELAY_PROLOGUE } from '../../../protocol/relay-messages.ts'
import { SnapshotHash } from '../../../protocol/snapshot-pieces.ts'
import { hash, secretKey, signature } from '../../../protocol/wire.ts'
import { resetHash } from '../../../worker/core/channel/reset.ts'
import { batchHash } from '../../../worker/core/channel/seal.ts'
import { startHashOf } from '../../../worker/core/channel/start.ts'
import { inviteKey } from '../../../worker/shell/invite.ts'
import {
  alice,
  bob,
  bytesOf,
  carol,
  credit,
  hashOf,
  invoiceId,
  longCurrency,
  requestIdOf,
  signerOf,
  TIME,
} from './samples.ts'

const body = bytesOf('body', 40)
const claims = [
  { currency: longCurrency, balance: 5n },
  { currency: credit, balance: -12n },
]
const invoice: Invoice = {
  destination: carol,
  currency: credit,
  amount: 60n,
  description: 'A bag of bananas',
  created: TIME,
  expires: TIME + 600_000,
  nonce: requestIdOf('nonce'),
}
const receiptTerms = {
  requestId: requestIdOf('request'),
  invoiceId,
  currency: credit,
  destPayment: 40n,
  totalDestPayment: 60n,
  receiptKey: carol,
}
const signedByFriends: Readonly<Record<SignedKind, Uint8Array>> = {
  batch: signedBytes('batch', alice, bob, body),
  note: signedBytes('note', alice, bob, body),
  reset: signedBytes('reset', alice, bob, body),
}
const receipt = receiptBytes(receiptTerms)

/** What links of each kind mix into their handshake. */
export const PROLOGUES: Readonly<Record<string, Uint8Array>> = {
  'offst/relay/v1': RELAY_PROLOGUE,
  'offst/index/v1': INDEX_PROLOGUE,
  'offst/friend/v1': FRIEND_PROLOGUE,
  'offst/app/v1': APP_PROLOGUE,
  'offst/federation/v1': FEDERATION_PROLOGUE,
}

/** By the domain tag, and what it is used for. */
export const DOMAINS: Readonly<Record<string, Uint8Array>> = {
  ...PROLOGUES,
  ...Object.fromEntries(
    Object.entries(signedByFriends).flatMap(([kind, message]) => [
      [`offst/${kind}/v1, signed`, message],
      [`offst/${kind}/v1, signature`, signature.encode(signerOf('alice').sign(message))],
    ]),
  ),
  'offst/batch/v1, hash': hash.encode(batchHash(alice, bob, body)),
  'offst/epoch/v1, as Alice sees it': hash.encode(startHashOf(alice, bob, 4, claims)),
  'offst/epoch/v1, as Bob sees the same claims': hash.encode(startHashOf(bob, alice, 4, claims)),
  'offst/epoch/v1, without debts': hash.encode(startHashOf(alice, bob, 0, [])),
  'offst/claims/v1': hash.encode(resetHash(alice, bob, { epoch: 4, claims })),
  'offst/invoice/v1': hash.encode(hashOfInvoice(invoice)),
  'offst/invoice/v1, of the least that an invoice says': hash.encode(
    hashOfInvoice({ ...invoice, description: undefined, expires: undefined }),
  ),
  'offst/receipt/v1, signed': receipt,
  'offst/receipt/v1, signature': signature.encode(signerOf('carol').sign(receipt)),
  'offst/update/v1, signed': updateBytes(body),
  'offst/freshness/v1': hash.encode(freshnessHash(bytesOf('random', 32), [hashOf('one'), hashOf('two')])),
  'offst/snapshot/v1, signed': signedOfSnapshot(body),
  'offst/invite/v1': secretKey.encode(inviteKey(signerOf('alice'), requestIdOf('call'))),
  'offst/link/v1, introduction': linkIdentity(
    signerOf('alice'),
    bytesOf('static key of alice', 32),
    nobleProvider,
  ).payload,
}

function signedOfSnapshot(bytes: Uint8Array): Uint8Array {
  const hashing = new SnapshotHash()
  hashing.add(bytes)
  return hashing.signedBytes()
}

function hashOfInvoice(of: Invoice): ReturnType<typeof hashOf> {
  return invoiceIdOf(of) as string as ReturnType<typeof hashOf>
}
