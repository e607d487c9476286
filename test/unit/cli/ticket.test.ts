// `offst ticket show`: says what anything is that people hand to each other.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { offst } from '../../../cli/offst.ts'
import { EXAMPLES } from '../protocol/forms-examples.ts'
import { runProgram } from '../../../cli/program.ts'
import { drawQr } from '../../../cli/qr.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { toBinary, toLink, toQr, toText, toToml, type Form } from '../../../protocol/forms.ts'
import type { Currency, InvoiceId, RequestId, Signature } from '../../../protocol/types.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const { publicKey } = nobleProvider.signer(new Uint8Array(32).fill(1))
const relay = { publicKey, address: 'wss://relay.example.org' }
const invoice: Form = {
  kind: 'invoice',
  invoice: {
    destination: publicKey,
    currency: 'hours' as Currency,
    amount: 60n,
    description: 'bananas',
    created: Date.UTC(2030, 0, 31, 18),
    expires: Date.UTC(2030, 1, 1, 18),
    nonce: 'EBESExQVFhcYGRobHB0eHw' as RequestId,
  },
}
const FORMS: readonly [Form, readonly string[]][] = [
  [{ kind: 'relay', ticket: relay }, ['a relay ticket', relay.address]],
  [{ kind: 'index', ticket: relay }, ['an index server ticket', relay.address]],
  [{ kind: 'node', ticket: relay }, ['a node ticket', relay.address]],
  [{ kind: 'app', ticket: { publicKey, permissions: ['read', 'funds'] } }, ['an app ticket', 'read, funds']],
  [
    { kind: 'friend', ticket: { publicKey, name: 'Bob', relays: [relay] } },
    ["a friend's code", 'Bob', relay.address],
  ],
  [invoice, ['an invoice', '60 hours', 'bananas', '2030-01-31 18:00 UTC', '2030-02-01 18:00 UTC']],
  [
    {
      kind: 'receipt',
      receipt: {
        requestId: 'EBESExQVFhcYGRobHB0eHw' as RequestId,
        invoiceId: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' as InvoiceId,
        currency: 'hours' as Currency,
        destPayment: 60n,
        totalDestPayment: 60n,
        receiptKey: publicKey,
        signature: 'A'.repeat(86) as Signature,
      },
    },
    ['a receipt', '60 hours', 'verify-receipt'],
  ],
  [
    EXAMPLES.statement,
    ['a signed statement', 'the signer owes 60 credit', 'the signer is owed 3 hours', 'valid'],
  ],
  [
    {
      kind: 'statement',
      statement: { ...EXAMPLES.statement.statement, signature: 'A'.repeat(86) as Signature },
    },
    ['NOT valid'],
  ],
]

async function show(...args: readonly string[]) {
  const outcome = { out: '', error: '' }
  const code = await runProgram(offst, ['ticket', 'show', ...args], {
    out: (line) => (outcome.out += `${line}\n`),
    error: (line) => (outcome.error += `${line}\n`),
  })
  return { code, ...outcome }
}

it.each(FORMS)('CLI-18 says what $kind is, from every carrier', async (form, words) => {
  const folder = await temporaryFolder()
  const contents = [toToml(form), toText(form), toLink(form, 'https://wallet.example.org/'), toBinary(form)]
  for (const [index, content] of contents.entries()) {
    const path = join(folder, String(index))
    await writeFile(path, content)
    const { code, out, error } = await show(path)
    expect({ code, error }).toEqual({ code: 0, error: '' })
    for (const word of [...words, publicKey, toText(form)]) expect(out).toContain(word)
  }
  const [direct, capital] = [await show(toText(form)), await show(toQr(form))]
  expect(direct).toMatchObject({ code: 0, error: '' })
  expect(capital).toEqual(direct)
})

it('CLI-18 knows a bare public key, and tells programs in JSON', async () => {
  expect((await show(publicKey)).out).toBe(`This is a public key.\n  public key  ${publicKey}\n`)
  const { out } = await show(toText(invoice), '--json')
  expect(JSON.parse(out)).toMatchObject({
    kind: 'invoice',
    amount: '60',
    currency: 'hours',
    text: toText(invoice),
  })
})

it('CLI-18 draws the code when it is asked to', async () => {
  expect((await show(toText(invoice), '--qr')).out).toContain('█')
  expect((await show(toText(invoice))).out).not.toContain('█')
})

it('draws a code only as wide as the screen, and without colours where there is none', () => {
  const pipe = drawQr('OFFST', { isTTY: false })
  expect(pipe.join('')).not.toContain('\u001b')
  expect(drawQr('OFFST', { isTTY: true, columns: 30 }).join('')).not.toContain('\u001b')
  expect(drawQr('OFFST', { isTTY: true, columns: 10 })).toEqual([
    expect.stringMatching(/^The QR code takes \d+ columns, and the terminal has 10: make it wider\.$/),
  ])
})
