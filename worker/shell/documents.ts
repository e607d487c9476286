// What a pasted text, link or file is, and whether a receipt is good: pure functions over protocol/forms.

import { base64 } from '@scure/base'
import type { Verifier } from '../../protocol/crypto.ts'
import {
  readAs,
  readDocument,
  toQr,
  toText,
  toToml,
  type Document,
  type Form as FormDocument,
} from '../../protocol/forms.ts'
import { FORM_BYTES_MAX, RELAYS_MAX } from '../../protocol/limits.ts'
import { checkReceipt, invoiceIdOf } from '../../protocol/payment.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { statementCheck } from '../../protocol/statement.ts'
import type { Inspected, ResultOf } from '../api.ts'
import type { NamedServer } from '../core/records.ts'

/** Characters of the longest form as base64. */
const FORM_BASE64_MAX = Math.ceil((FORM_BYTES_MAX * 4) / 3)
/** First bytes up to this one are versions: no text starts with such a control character. */
const FORM_VERSION_MAX = 8

/** Says what `input` is: every carrier that `readDocument` reads, or a binary file as base64. */
export function inspect(input: string): Result<Inspected> {
  const document = readAny(input)
  return document.ok ? ok(describe(document.value)) : document
}

/** Checks anybody's receipt against its invoice; needs no node and no network. Whatever is wrong is a fault in the answer. */
export function verifyReceipt(
  texts: { readonly invoice: string; readonly receipt: string },
  verifier: Verifier,
): ResultOf<'receipt.verify'> {
  const invoiceForm = readAs(texts.invoice, 'invoice')
  if (!invoiceForm.ok) return { valid: false, fault: invoiceForm.error }
  const receiptForm = readAs(texts.receipt, 'receipt')
  if (!receiptForm.ok) return { valid: false, fault: receiptForm.error }
  const { invoice } = invoiceForm.value
  const { receipt } = receiptForm.value
  const { amount, currency, destination } = invoice
  const shown = { amount: amount.toString(), currency, destination }
  const checked = checkReceipt(receipt, invoice, verifier)
  return checked.ok ? { valid: true, ...shown } : { valid: false, fault: checked.error, ...shown }
}

/** Reads the tickets of servers, one entry a server; each is named after its host until the user names it. */
export function readServers(texts: readonly string[], kind: 'relay' | 'index'): Result<NamedServer[]> {
  if (texts.length > RELAYS_MAX) {
    return fail('tooManyServers', `A card uses at most ${RELAYS_MAX} servers of a kind: name fewer.`)
  }
  const servers = new Map<string, NamedServer>()
  for (const text of texts) {
    const form = readAs(text, kind)
    if (!form.ok) return form
    const { publicKey, address } = form.value.ticket
    servers.set(publicKey, { publicKey, address, name: hostOf(address) })
  }
  return ok([...servers.values()])
}

function readAny(input: string): ReturnType<typeof readDocument> {
  const bytes = input.length > FORM_BASE64_MAX ? undefined : decodeBase64(input.trim())
  const version = bytes?.[0] ?? 0
  // No text, link or file is base64 of something that starts with a version.
  const isBinary = version > 0 && version <= FORM_VERSION_MAX
  return readDocument(bytes !== undefined && isBinary ? bytes : input)
}

function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return base64.decode(text)
  } catch {
    return undefined
  }
}

function describe(document: Document): Inspected {
  if (document.kind === 'publicKey') return document
  const carriers = { text: toText(document), toml: toToml(document), qr: toQr(document) }
  return { ...carriers, ...fieldsOf(document) }
}

type Carriers = 'text' | 'toml' | 'qr'
type FieldsOf<I> = I extends unknown ? Omit<I, Carriers> : never

function fieldsOf(document: FormDocument): FieldsOf<Exclude<Inspected, { kind: 'publicKey' }>> {
  switch (document.kind) {
    case 'friend': {
      const { publicKey, relays, name } = document.ticket
      return { kind: 'friend', publicKey, relays: [...relays], ...(name === undefined ? {} : { name }) }
    }
    case 'relay':
    case 'index':
    case 'node':
      return { kind: document.kind, ...document.ticket }
    case 'app': {
      const { publicKey, permissions, budgets } = document.ticket
      const views = budgets?.map((budget) => ({ ...budget, amount: String(budget.amount) }))
      const app = { kind: 'app' as const, publicKey, permissions: [...permissions] }
      return views === undefined ? app : { ...app, budgets: views }
    }
    case 'invoice': {
      const { destination, currency, amount, description, created, expires } = document.invoice
      return {
        kind: 'invoice',
        id: invoiceIdOf(document.invoice),
        destination,
        currency,
        amount: amount.toString(),
        created,
        ...(description === undefined ? {} : { description }),
        ...(expires === undefined ? {} : { expires }),
      }
    }
    case 'statement': {
      const { signer, receiver, note } = document.statement
      return {
        kind: 'statement',
        signer,
        receiver,
        time: note.time,
        valid: nobleProvider.verify(statementCheck(document.statement)),
        balances: note.statements.map(({ currency, balance, localPending, remotePending }) => ({
          currency,
          balance: String(balance),
          localPending: String(localPending),
          remotePending: String(remotePending),
        })),
      }
    }
    case 'remote': {
      const { publicKey, name, address, relays } = document.ticket
      return {
        kind: 'remote',
        publicKey,
        relays: [...relays],
        ...(name === undefined ? {} : { name }),
        ...(address === undefined ? {} : { address }),
      }
    }
    case 'receipt': {
      const { invoiceId, receiptKey, currency, totalDestPayment } = document.receipt
      return {
        kind: 'receipt',
        invoice: invoiceId,
        destination: receiptKey,
        currency,
        amount: totalDestPayment.toString(),
      }
    }
  }
}

/** The host of `host:port` or of a URL, at most 64 bytes. */
function hostOf(address: string): string {
  return address
    .replace(/^wss?:\/\//i, '')
    .replace(/[/?].*$/, '')
    .slice(0, 64)
}
