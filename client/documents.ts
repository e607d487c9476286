// What an app makes and checks without any node: identities, app tickets, receipts.

import { nobleProvider } from '../protocol/ed25519.ts'
import { readAs, readDocument, toText, type Permission } from '../protocol/forms.ts'
import { formatIdentityFile, parseIdentityFile, SECRET_KEY_BYTES } from '../protocol/identity.ts'
import { checkReceipt } from '../protocol/payment.ts'
import { ok, type Result } from '../protocol/result.ts'
import type { NodeTicket } from './client.ts'
import { systemRandom } from './system.ts'

/** The content of a new identity file. Whoever has it is the app: keep it secret. */
export function createIdentity(): string {
  return formatIdentityFile(systemRandom(SECRET_KEY_BYTES))
}

/**
 * The text that a node's owner accepts so that the app may connect: `offstapp1…`.
 * @param identity the content of the identity file.
 * @param permissions what the app needs; `read` is always among them.
 */
export function appTicketOf(identity: string, permissions: readonly Permission[]): Result<string> {
  const secret = parseIdentityFile(identity)
  if (!secret.ok) return secret
  const { publicKey } = nobleProvider.signer(secret.value)
  const wanted = [...new Set<Permission>(['read', ...permissions])]
  return ok(toText({ kind: 'app', ticket: { publicKey, permissions: wanted } }))
}

/**
 * Whether a receipt proves that an invoice was paid, without asking anybody.
 * @param invoice and `receipt`: their texts (`offstinvoice1…`, `offstreceipt1…`), or the contents of their files.
 * @returns fault `otherInvoice`, `badSignature`, or why a text is none.
 */
export function verifyReceipt(invoice: string, receipt: string): Result<void> {
  const asked = readAs(invoice, 'invoice')
  if (!asked.ok) return asked
  const given = readAs(receipt, 'receipt')
  if (!given.ok) return given
  return checkReceipt(given.value.receipt, asked.value.invoice, nobleProvider)
}

/** Where a card is, by the ticket of its node or its own friend ticket; faults as of any form. */
export function readNodeTicket(input: string | Uint8Array): Result<NodeTicket> {
  const document = readDocument(input)
  if (document.ok && document.value.kind === 'friend') return ok(document.value.ticket)
  const node = readAs(input, 'node')
  return node.ok ? ok(node.value.ticket) : node
}
