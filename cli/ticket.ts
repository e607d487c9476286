// `offst ticket`: says what a ticket, invoice, receipt, link or text is, and draws it.

import { nounOf, readDocument, toText, type Document } from '../protocol/forms.ts'
import { ok, type Result } from '../protocol/result.ts'
import type { Inspected } from '../worker/api.ts'
import { inspect } from '../worker/shell/documents.ts'
import { momentText } from './ctl/table.ts'
import { readSmallFile, readSmallInput } from './files.ts'
import { command, type Program } from './program.ts'
import { drawQr } from './qr.ts'
import { EXIT } from './terminal.ts'

/** What is no name of a file. */
const LOOKS_LIKE_TEXT = /^(offst[a-z]+1|web\+offst:|https?:\/\/)/i

const show = command({
  about: 'says what a ticket, invoice, receipt, link or text is, and draws its QR code',
  options: {
    file: {
      type: 'string',
      positional: true,
      required: true,
      value: 'FILE',
      about: 'what to look at, - for standard input; also a link or text itself',
    },
    qr: { type: 'boolean', about: 'draws the QR code (always done in a terminal)' },
    json: { type: 'boolean', about: 'prints JSON, for programs' },
  },
  examples: ['offst ticket show bananas.invoice', 'cat node0.friend | offst ticket show -'],
  run: async ({ file, qr, json }, terminal) => {
    const document = await read(file)
    const shown = document.ok ? inspect(textOf(document.value)) : document
    if (!shown.ok) {
      terminal.error(shown.error.message)
      return EXIT.refused
    }
    if (json) {
      terminal.out(JSON.stringify(shown.value, null, 2))
      return EXIT.ok
    }
    for (const line of describe(shown.value)) terminal.out(line)
    if (qr || process.stdout.isTTY) for (const line of drawQr(payloadOf(shown.value))) terminal.out(line)
    return EXIT.ok
  },
})

export const ticket: Program = {
  name: 'offst ticket',
  about: 'looks at what people hand to each other',
  commands: { show },
  examples: show.examples,
}

/** Faults are those of the file, and what is wrong with its content. */
async function read(place: string): Promise<Result<Document>> {
  if (LOOKS_LIKE_TEXT.test(place)) return readDocument(place)
  const bytes = place === '-' ? await readSmallInput(process.stdin) : await readSmallFile(place)
  if (bytes.ok) {
    const document = readDocument(bytes.value)
    if (document.ok) return document
    const { code, message } = document.error
    return { ok: false, error: { code, message: place === '-' ? message : `${place}: ${message}` } }
  }
  // Only a key has no mark by which it can be told from the name of a file.
  const key = bytes.error.code === 'missingFile' ? readDocument(place) : bytes
  return key.ok ? ok(key.value) : bytes
}

function textOf(document: Document): string {
  return document.kind === 'publicKey' ? document.publicKey : toText(document)
}

function payloadOf(shown: Inspected): string {
  return shown.kind === 'publicKey' ? shown.publicKey : shown.qr
}

function describe(shown: Inspected): string[] {
  const noun = nounOf(shown.kind)
  const fields = fieldsOf(shown)
  const width = Math.max(...fields.map(([label]) => label.length)) + 2
  return [
    `This is ${noun}.`,
    ...fields.map(([label, value]) => `  ${label.padEnd(width)}${value}`),
    ...(shown.kind === 'publicKey' ? [] : ['', shown.text]),
  ]
}

function fieldsOf(shown: Inspected): [string, string][] {
  switch (shown.kind) {
    case 'publicKey':
      return [['public key', shown.publicKey]]
    case 'friend':
      return [
        ...optional('name', shown.name),
        ['public key', shown.publicKey],
        ...shown.relays.map(relayLine),
      ]
    case 'relay':
    case 'index':
    case 'node':
      return [
        ['public key', shown.publicKey],
        ['address', shown.address],
      ]
    case 'app':
      return [
        ['public key', shown.publicKey],
        ['may', shown.permissions.join(', ')],
        ...(shown.budgets ?? []).map(({ currency, amount, period }): [string, string] => [
          'budget',
          `${amount} ${currency} a ${period}`,
        ]),
      ]
    case 'invoice':
      return [
        ['amount', `${shown.amount} ${shown.currency}`],
        ...optional('for', shown.description),
        ['to', shown.destination],
        ['made', `${momentText(shown.created)} UTC`],
        ...optional('expires', shown.expires === undefined ? undefined : `${momentText(shown.expires)} UTC`),
        ['invoice id', shown.id],
      ]
    case 'statement':
      return statementLines(shown)
    case 'remote':
      return [
        ...optional('name', shown.name),
        ['public key', shown.publicKey],
        ...optional('address', shown.address),
        ...shown.relays.map(relayLine),
        ['secret', 'keep it: whoever has it can use the card until its owner removes it'],
      ]
    case 'receipt':
      return [
        ['amount', `${shown.amount} ${shown.currency}`],
        ['paid to', shown.destination],
        ['invoice id', shown.invoice],
        ['proves', 'nothing yet: "stregister verify-receipt" checks it against its invoice'],
      ]
  }
}

function relayLine({ publicKey, address }: { publicKey: string; address: string }): [string, string] {
  return ['relay', `${address} (${publicKey})`]
}

function statementLines(shown: Extract<Inspected, { kind: 'statement' }>): [string, string][] {
  const { signer, receiver, time, valid, balances } = shown
  return [
    ['signed by', signer],
    ['about', receiver],
    ['on', `${momentText(time)} UTC`],
    ...balances.map(({ currency, balance }): [string, string] => ['owes', owedText(currency, balance)]),
    ...(balances.length === 0 ? [['owes', 'neither owes the other anything'] as [string, string]] : []),
    ['signature', valid ? 'valid' : 'NOT valid: it proves nothing'],
  ]
}

/** @param balance what the receiver owes the signer. */
function owedText(currency: string, balance: string): string {
  const amount = BigInt(balance)
  if (amount < 0n) return `the signer owes ${-amount} ${currency}`
  return `the signer is owed ${amount} ${currency}`
}

function optional(label: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[label, value]]
}
