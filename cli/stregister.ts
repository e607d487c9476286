// stregister: a cash register. Makes invoices from a public key alone, and verifies receipts, without any node.

import { randomBytes } from 'node:crypto'
import { nobleProvider } from '../protocol/ed25519.ts'
import { checkForm, readAs } from '../protocol/forms.ts'
import { checkReceipt, type Invoice } from '../protocol/payment.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { statementCheck, type SignedStatement } from '../protocol/statement.ts'
import type { Currency, RequestId } from '../protocol/types.ts'
import { AMOUNT_MAX, toBase64url } from '../protocol/wire.ts'
import type { Values } from './args.ts'
import { readForm, writeForm } from './files.ts'
import { expiryOf } from './moment.ts'
import { command, runIfStarted, type Program } from './program.ts'
import { EXIT } from './terminal.ts'

const NONCE_BYTES = 16

const invoiceOptions = {
  amount: {
    type: 'string',
    short: 'a',
    required: true,
    value: 'N',
    about: 'how many credits, a whole number of at least 1',
  },
  'public-key': {
    type: 'string',
    short: 'p',
    required: true,
    value: 'KEY',
    about: 'the public key of the card that is to be paid',
  },
  output: {
    type: 'string',
    short: 'o',
    required: true,
    value: 'FILE',
    about: 'the invoice to make; never over an existing file',
  },
  currency: { type: 'string', short: 'c', value: 'CURRENCY', about: '"credit" if it is left out' },
  description: { type: 'string', value: 'TEXT', about: 'what the payment is for' },
  expires: {
    type: 'string',
    value: 'TIME',
    about: 'minutes, hours or days from now (30m, 12h, 7d), or a moment such as 2030-01-31T18:00Z',
  },
} as const

const genInvoice = command({
  about: 'makes an invoice from a public key alone',
  options: invoiceOptions,
  examples: [
    'stregister gen-invoice -a 60 -o bananas.invoice -p TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw',
  ],
  run: async (options, terminal) => {
    const invoice = invoiceOf(options, Date.now())
    if (!invoice.ok) {
      terminal.error(invoice.error.message)
      return EXIT.usage
    }
    const written = await writeForm(options.output, { kind: 'invoice', invoice: invoice.value })
    if (written.ok) return EXIT.ok
    terminal.error(written.error.message)
    return EXIT.refused
  },
})

const verifyReceipt = command({
  about: 'says whether a receipt proves that an invoice was paid',
  options: {
    invoice: {
      type: 'string',
      short: 'i',
      required: true,
      value: 'FILE',
      about: 'the invoice that was to be paid',
    },
    receipt: {
      type: 'string',
      short: 'r',
      required: true,
      value: 'FILE',
      about: 'the receipt that the payer shows',
    },
  },
  examples: ['stregister verify-receipt -i bananas.invoice -r bananas.receipt'],
  exits: ['valid', 'not valid, or refused'],
  run: async (options, terminal) => {
    const checked = await checkFiles(options.invoice, options.receipt)
    if (checked.ok) {
      terminal.out('Receipt is valid!')
      return EXIT.ok
    }
    terminal.error(checked.error.message)
    return EXIT.refused
  },
})

const verifyToken = command({
  about: "says whether a friend's last statement of the balance is really signed, and what it says",
  options: {
    token: {
      type: 'string',
      short: 't',
      required: true,
      value: 'FILE',
      about: 'what "stctrl info friend-last-token" has written',
    },
  },
  examples: ['stregister verify-token -t node1.token'],
  exits: ['valid', 'not valid, or refused'],
  run: async (options, terminal) => {
    const form = await readForm(options.token, 'statement')
    if (form.ok && nobleProvider.verify(statementCheck(form.value.statement))) {
      terminal.out('Token is valid!')
      for (const line of tokenLines(form.value.statement)) terminal.out(line)
      return EXIT.ok
    }
    terminal.error(form.ok ? 'Token is not valid: it is not signed by whom it names.' : form.error.message)
    return EXIT.refused
  },
})

function tokenLines({ signer, receiver, note }: SignedStatement): string[] {
  return [
    `Signed by: ${signer}`,
    `For: ${receiver}`,
    `Time: ${new Date(note.time).toISOString()}`,
    ...note.statements.map(
      ({ currency, balance, localPending, remotePending }) =>
        `${currency}: B=${-balance}, LPD=${remotePending}, RPD=${localPending}`,
    ),
  ]
}

export const stregister: Program = {
  name: 'stregister',
  about: 'makes invoices and verifies receipts and tokens, without a node and off line',
  commands: { 'gen-invoice': genInvoice, 'verify-receipt': verifyReceipt, 'verify-token': verifyToken },
  examples: [...genInvoice.examples, ...verifyReceipt.examples, ...verifyToken.examples],
  exits: ['done or valid', 'refused or not valid'],
}

async function checkFiles(invoicePath: string, receiptPath: string): Promise<Result<void>> {
  const invoice = await readForm(invoicePath, 'invoice')
  if (!invoice.ok) return invoice
  const receipt = await readForm(receiptPath, 'receipt')
  if (!receipt.ok) return receipt
  return checkReceipt(receipt.value.receipt, invoice.value.invoice, nobleProvider)
}

function invoiceOf(options: Values<typeof invoiceOptions>, now: number): Result<Invoice> {
  const amount = /^[0-9]{1,39}$/.test(options.amount) ? BigInt(options.amount) : 0n
  if (amount < 1n || amount > AMOUNT_MAX) {
    return fail('usage', `The amount "${options.amount}" is not a whole number from 1 to 2^128-1.`)
  }
  const key = readAs(options['public-key'], 'publicKey')
  if (!key.ok) return fail('usage', `--public-key: ${key.error.message}`)
  const expires = options.expires === undefined ? ok(undefined) : expiryOf(options.expires, now)
  if (!expires.ok) return expires
  const invoice: Invoice = {
    destination: key.value.publicKey,
    currency: (options.currency ?? 'credit') as Currency,
    amount,
    description: options.description,
    created: now,
    expires: expires.value,
    nonce: toBase64url(randomBytes(NONCE_BYTES)) as RequestId,
  }
  const checked = checkForm({ kind: 'invoice', invoice }, nobleProvider)
  return checked.ok ? ok(invoice) : fail('usage', checked.error.message)
}

runIfStarted(stregister)
