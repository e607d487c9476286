// Whatever document, whatever carrier, whatever damage: the same document or an error, never another one.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleProvider } from '../../protocol/ed25519.ts'
import {
  PERIODS,
  PERMISSIONS,
  readDocument,
  toBinary,
  toLink,
  toQr,
  toText,
  toToml,
  type Form,
  type ServerTicket,
} from '../../protocol/forms.ts'
import type { Invoice, Receipt } from '../../protocol/payment.ts'
import type { SignedStatement } from '../../protocol/statement.ts'
import type { Currency, Hash, InvoiceId, RequestId, SecretKey, Signature } from '../../protocol/types.ts'
import { BALANCE_MAX, BALANCE_MIN, isCleanText, toBase64url } from '../../protocol/wire.ts'

const U128_MAX = (1n << 128n) - 1n
/** Real keys: a handful, since making one costs half a millisecond. */
const KEYS = Array.from(
  { length: 12 },
  (_, seed) => nobleProvider.signer(new Uint8Array(32).fill(seed)).publicKey,
)

const key = fc.constantFrom(...KEYS)
const amount = fc.bigInt({ min: 1n, max: U128_MAX })
const time = fc.maxSafeNat()

function bytes<T extends string>(size: number): fc.Arbitrary<T> {
  return fc.uint8Array({ minLength: size, maxLength: size }).map((value) => toBase64url(value) as T)
}

function text(maxBytes: number): fc.Arbitrary<string> {
  const size = (value: string): number => new TextEncoder().encode(value).length
  return fc
    .string({ unit: 'binary', minLength: 1, maxLength: maxBytes })
    .filter((value) => isCleanText(value) && size(value) <= maxBytes)
}

const currency = text(16).map((value) => value as Currency)
const address = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `[${host}]:${port}`),
  fc.domain().map((host) => `wss://${host}/relay`),
)
const server: fc.Arbitrary<ServerTicket> = fc.record({ publicKey: key, address })
const invoice: fc.Arbitrary<Invoice> = fc.record(
  {
    destination: key,
    currency,
    amount,
    description: text(256),
    created: time,
    expires: time,
    nonce: bytes<RequestId>(16),
  },
  { requiredKeys: ['destination', 'currency', 'amount', 'created', 'nonce'] },
)
const receipt: fc.Arbitrary<Receipt> = fc.record({
  requestId: bytes<RequestId>(16),
  invoiceId: bytes<InvoiceId>(32),
  currency,
  destPayment: amount,
  totalDestPayment: amount,
  receiptKey: key,
  signature: bytes<Signature>(64),
})
const friend = fc.record(
  { publicKey: key, relays: fc.array(server, { maxLength: 8 }), name: text(64) },
  { requiredKeys: ['publicKey', 'relays'] },
)
const budget = fc.record({ currency, amount, period: fc.constantFrom(...PERIODS) })
const app = fc.record(
  {
    publicKey: key,
    permissions: fc.subarray([...PERMISSIONS]),
    budgets: fc.uniqueArray(budget, { selector: (each) => each.currency, minLength: 1, maxLength: 16 }),
  },
  { requiredKeys: ['publicKey', 'permissions'] },
)

const remote = fc
  .record(
    {
      publicKey: key,
      secretKey: bytes<SecretKey>(32),
      name: text(64),
      address,
      relays: fc.array(server, { maxLength: 2 }),
    },
    { requiredKeys: ['publicKey', 'secretKey', 'relays'] },
  )
  .filter((ticket) => ticket.address !== undefined || ticket.relays.length > 0)

const hash = bytes<Hash>(32)
const counter = fc.maxSafeNat()
const statement: fc.Arbitrary<SignedStatement> = fc.record({
  signer: key,
  receiver: key,
  note: fc.record({
    epoch: fc.nat(0xffff_ffff),
    signerSeq: counter,
    signerHash: hash,
    receiverSeq: counter,
    receiverHash: hash,
    statements: fc.array(
      fc.record({
        currency,
        balance: fc.bigInt({ min: BALANCE_MIN, max: BALANCE_MAX }),
        localPending: amount,
        remotePending: amount,
      }),
      { maxLength: 32 },
    ),
    time: counter,
  }),
  signature: bytes<Signature>(64),
})

const form: fc.Arbitrary<Form> = fc.oneof(
  friend.map((ticket): Form => ({ kind: 'friend', ticket })),
  fc
    .tuple(fc.constantFrom('relay' as const, 'index' as const, 'node' as const), server)
    .map(([kind, ticket]): Form => ({ kind, ticket })),
  app.map((ticket): Form => ({ kind: 'app', ticket })),
  invoice.map((value): Form => ({ kind: 'invoice', invoice: value })),
  receipt.map((value): Form => ({ kind: 'receipt', receipt: value })),
  statement.map((value): Form => ({ kind: 'statement', statement: value })),
  remote.map((ticket): Form => ({ kind: 'remote', ticket })),
)

const character = fc.oneof(
  fc.constantFrom(...Array.from('qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQPZ-#=%:/')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)

function isInvisible(value: string): boolean {
  return /^[\s\u200b-\u200d\u2060\ufeff]*$/.test(value)
}

describe('any document', () => {
  it('comes back equal from every carrier (TXT-1)', () => {
    fc.assert(
      fc.property(form, (document) => {
        const carriers = [
          toText(document),
          toQr(document),
          toLink(document, 'https://wallet.example/'),
          toToml(document),
          toBinary(document),
        ]
        for (const carrier of carriers) expect(readDocument(carrier)).toEqual({ ok: true, value: document })
      }),
      { numRuns: 200 },
    )
  })

  it('gives an error after any change, loss, doubling or swap of a character of its text (TXT-3)', () => {
    fc.assert(
      fc.property(form, fc.nat(), character, (document, at, other) => {
        const whole = toText(document)
        const place = at % whole.length
        const [before, here, after] = [whole.slice(0, place), whole.charAt(place), whole.slice(place + 1)]
        const damaged = [
          `${before}${isInvisible(other) || other === here ? '' : other}${after}`,
          `${before}${after}`,
          `${before}${here}${here}${after}`,
          `${before}${after.charAt(0)}${here}${after.slice(1)}`,
        ]
        for (const input of damaged) {
          if (input !== whole) expect([input, readDocument(input).ok]).toEqual([input, false])
        }
      }),
      { numRuns: 500 },
    )
  })

  it('cut short is never another document (TXT-4)', () => {
    fc.assert(
      fc.property(form, fc.nat(), (document, at) => {
        const whole = toText(document)
        const start = whole.slice(0, 5 + (at % (whole.length - 5)))
        expect(readDocument(start)).toMatchObject({ ok: false, error: { code: 'truncated' } })
      }),
      { numRuns: 300 },
    )
  })

  it('with a bit flipped in its binary fails, or is what encodes to exactly these bytes (TXT-2)', () => {
    fc.assert(
      fc.property(form, (document) => {
        const binary = toBinary(document)
        for (let bit = 0; bit < binary.length * 8; bit++) {
          const flipped = binary.slice()
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
          const read = readDocument(flipped)
          if (read.ok && read.value.kind !== 'publicKey') expect(toBinary(read.value)).toEqual(flipped)
        }
      }),
      { numRuns: 8 },
    )
  })

  it('with its TOML mutated is a document that can be written again, or an error (TXT-5)', () => {
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 4 }), fc.string({ unit: 'binary', maxLength: 3 }))
    fc.assert(
      fc.property(form, fc.array(edit, { minLength: 1, maxLength: 3 }), (document, edits) => {
        let file = toToml(document)
        for (const [at, length, inserted] of edits) {
          const place = at % (file.length + 1)
          file = file.slice(0, place) + inserted + file.slice(place + length)
        }
        const read = readDocument(file)
        if (read.ok && read.value.kind !== 'publicKey') {
          expect(readDocument(toToml(read.value))).toEqual(read)
        } else if (!read.ok) {
          expect(read.error.message).toMatch(/\.$/)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('junk', () => {
  it('gets a sentence, and never an exception (TXT-4)', () => {
    const prefixed = fc.tuple(
      fc.constantFrom(
        'offst',
        'offstfriend1',
        'web+offst:',
        'https://x/#',
        'kind = "relay"\n',
        '[[relays]]\n',
        '',
      ),
      fc.string({ unit: 'binary', maxLength: 300 }),
    )
    const junk = fc.oneof(
      prefixed.map(([prefix, rest]) => prefix + rest),
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 300 }))
        .map(([kind, rest]) => Uint8Array.of(1, kind, ...rest)),
    )
    fc.assert(
      fc.property(junk, (input) => {
        expect(readDocument(input)).toMatchObject({ ok: false, error: { message: /[.]$/ } })
      }),
      { numRuns: 1_000 },
    )
  })
})
