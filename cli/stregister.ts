// stregister: a cash register. Makes invoices from a public key alone, and verifies receipts, without any node.

import { randomBytes } from 'node:crypto'
import { nobleProvider } from '../protocol/ed25519.ts'
import { checkForm, readAs, type DocumentOf } from '../protocol/forms.ts'
import { receiptCheck, receiptFitsInvoice, type Invoice, type Receipt } from '../protocol/payment.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Currency, RequestId } from '../protocol/types.ts'
import { AMOUNT_MAX, toBase64url } from '../protocol/wire.ts'
import { EXIT, runIfStarted, withOptions, type Program, type Values } from './args.ts'
import { readForm, writeForm } from './files.ts'

const HELP = `
stregister makes invoices and verifies receipts, without a node and off line.

  stregister gen-invoice    -a AMOUNT -p PUBLIC_KEY -o FILE [-c CURRENCY]
                            [--description TEXT] [--expires TIME]
  stregister verify-receipt -i FILE -r FILE

  -a, --amount N            how many credits, a whole number of at least 1
  -p, --public-key KEY      the key of the card that is to be paid
  -o, --output FILE         the invoice to make; never overwrites a file
  -c, --currency NAME       "credit" if it is left out
      --description TEXT    what the payment is for
      --expires TIME        minutes, hours or days from now (30m, 12h, 7d),
                            or a moment such as 2030-01-31T18:00Z
  -i, --invoice FILE        the invoice that was to be paid
  -r, --receipt FILE        the receipt that the payer shows

Example: stregister gen-invoice -a 60 -o bananas.invoice \\
               -p TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw
         stregister verify-receipt -i bananas.invoice -r bananas.receipt

Exit codes: 0 done or valid, 1 refused or not valid, 2 wrong usage.
Also: --help, --version.
`

const NONCE_BYTES = 16
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

const invoiceOptions = {
  amount: { type: 'string', short: 'a', required: true },
  'public-key': { type: 'string', short: 'p', required: true },
  output: { type: 'string', short: 'o', required: true },
  currency: { type: 'string', short: 'c' },
  description: { type: 'string' },
  expires: { type: 'string' },
} as const

const genInvoice = withOptions(invoiceOptions, async (options, terminal) => {
  const invoice = invoiceOf(options, Date.now())
  if (!invoice.ok) {
    terminal.error(invoice.error.message)
    return EXIT.usage
  }
  const written = await writeForm(options.output, { kind: 'invoice', invoice: invoice.value })
  if (written.ok) return EXIT.ok
  terminal.error(written.error.message)
  return EXIT.refused
})

const verifyReceipt = withOptions(
  {
    invoice: { type: 'string', short: 'i', required: true },
    receipt: { type: 'string', short: 'r', required: true },
  },
  async (options, terminal) => {
    const invoice = await readForm(options.invoice, 'invoice')
    const receipt = await readForm(options.receipt, 'receipt')
    const problem = !invoice.ok ? invoice : !receipt.ok ? receipt : judge(invoice.value, receipt.value)
    if (problem.ok) {
      terminal.out('Receipt is valid!')
      return EXIT.ok
    }
    terminal.error(problem.error.message)
    return EXIT.refused
  },
)

export const stregister: Program = {
  name: 'stregister',
  help: HELP,
  commands: { 'gen-invoice': genInvoice, 'verify-receipt': verifyReceipt },
}

function judge({ invoice }: DocumentOf<'invoice'>, { receipt }: DocumentOf<'receipt'>): Result<void> {
  if (!receiptFitsInvoice(receipt, invoice)) {
    return fail('otherInvoice', `Receipt is not valid: ${differenceOf(receipt, invoice)}.`)
  }
  if (!nobleProvider.verify(receiptCheck(receipt))) {
    return fail(
      'badSignature',
      'Receipt is not valid: its signature is not that of the card that was to be paid.',
    )
  }
  return ok(undefined)
}

function differenceOf(receipt: Receipt, invoice: Invoice): string {
  if (receipt.receiptKey !== invoice.destination) return 'it comes from another card than the invoice names'
  if (receipt.currency !== invoice.currency) return 'it is in another currency than the invoice'
  if (receipt.totalDestPayment !== invoice.amount) {
    return `it is for ${receipt.totalDestPayment} and the invoice for ${invoice.amount}`
  }
  return 'it belongs to another invoice'
}

function invoiceOf(options: Values<typeof invoiceOptions>, now: number): Result<Invoice> {
  const amount = /^[0-9]{1,39}$/.test(options.amount) ? BigInt(options.amount) : 0n
  if (amount < 1n || amount > AMOUNT_MAX) {
    return fail('usage', `The amount "${options.amount}" is not a whole number from 1 to 2^128-1.`)
  }
  const key = readAs(options['public-key'], 'publicKey')
  if (!key.ok) return fail('usage', `--public-key: ${key.error.message}`)
  const expires = options.expires === undefined ? ok(undefined) : momentOf(options.expires, now)
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

/** Milliseconds since 1970 of `30m`, `12h`, `7d` from now, or of a moment in ISO 8601. */
function momentOf(text: string, now: number): Result<number> {
  const [, count, unit = ''] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? []
  const isMoment = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const moment =
    count !== undefined ? now + Number(count) * (UNIT_MS[unit] ?? 0) : isMoment ? Date.parse(text) : NaN
  if (Number.isNaN(moment)) {
    return fail('usage', `The expiry "${text}" is neither like 30m, 12h, 7d nor like 2030-01-31T18:00Z.`)
  }
  return moment > now ? ok(moment) : fail('usage', `The expiry "${text}" has passed already.`)
}

runIfStarted(stregister)
