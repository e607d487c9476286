// stmgr and stregister as processes of their own, with the command lines of the tutorial.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAs, toText, toToml } from '../../protocol/forms.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { invoiceIdOf, receiptBytes, type Receipt } from '../../protocol/payment.ts'
import type { Signer } from '../../protocol/crypto.ts'
import type { RequestId } from '../../protocol/types.ts'

const PROGRAMS = join(import.meta.dirname, '../../dist/cli')
const seller: Signer = nobleProvider.signer(new Uint8Array(32).fill(9))
let folder = ''

/** Runs a command line of the tutorial in the test's folder; the last argument may hold spaces. */
function run(commandLine: string, ...last: string[]): { code: number | null; out: string; error: string } {
  const [program = '', ...args] = commandLine.split(' ')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROGRAMS, `${program}.js`), ...args, ...last],
    { cwd: folder, encoding: 'utf8' },
  )
  return { code: status, out: stdout, error: stderr }
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** Writes the receipt that `signer` gives for an invoice file, changed by `change` before it is signed. */
function writeReceipt(
  path: string,
  invoicePath: string,
  change: Partial<Receipt> = {},
  signer = seller,
): void {
  const document = readAs(read(invoicePath), 'invoice')
  if (!document.ok) throw new Error(document.error.message)
  const { invoice } = document.value
  const terms = {
    requestId: 'EBESExQVFhcYGRobHB0eHw' as RequestId,
    invoiceId: invoiceIdOf(invoice),
    currency: invoice.currency,
    destPayment: invoice.amount,
    totalDestPayment: invoice.amount,
    receiptKey: invoice.destination,
    ...change,
  }
  const receipt = { ...terms, signature: signer.sign(receiptBytes(terms)) }
  writeFileSync(join(folder, path), toToml({ kind: 'receipt', receipt }))
}

const DONE = { code: 0, out: '', error: '' }

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'offst-stmgr-'))
  for (const name of ['node0', 'node0/trusted', 'app0', 'relay', 'index']) mkdirSync(join(folder, name))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('the tutorial', () => {
  it('makes identities that only their owner can read', () => {
    for (const path of ['node0/node0.ident', 'app0/app0.ident', 'relay/relay.ident', 'index/index.ident']) {
      expect(run(`stmgr gen-ident --output ${path}`)).toEqual(DONE)
      expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600)
    }
    expect(new Set(['node0/node0.ident', 'app0/app0.ident'].map(read)).size).toBe(2)
  })

  it('makes node, relay and index tickets', () => {
    expect(
      run(
        'stmgr node-ticket --address 127.0.0.1:9500 --idfile node0/node0.ident --output node0/node0.ticket',
      ),
    ).toEqual(DONE)
    expect(
      run(
        'stmgr relay-ticket --address 127.0.0.1:8000 --idfile relay/relay.ident --output relay/relay.ticket',
      ),
    ).toEqual(DONE)
    expect(
      run(
        'stmgr index-ticket --idfile index/index.ident --address 127.0.0.1:7000 --output index_server.ticket',
      ),
    ).toEqual(DONE)
    expect(readAs(read('node0/node0.ticket'), 'node')).toMatchObject({
      value: { ticket: { address: '127.0.0.1:9500' } },
    })
    expect(readAs(read('relay/relay.ticket'), 'relay')).toMatchObject({
      value: { ticket: { address: '127.0.0.1:8000' } },
    })
  })

  it('makes an app ticket with the permissions of its flags, and the permission to look', () => {
    expect(
      run(
        'stmgr app-ticket --idfile app0/app0.ident --pconfig --pfunds --proutes --output node0/trusted/app0.ticket',
      ),
    ).toEqual(DONE)
    expect(readAs(read('node0/trusted/app0.ticket'), 'app')).toMatchObject({
      value: { ticket: { permissions: ['read', 'config', 'routes', 'funds'] } },
    })
  })
})

describe('stregister', () => {
  it('makes an invoice from a public key alone', () => {
    const before = Date.now()
    expect(run(`stregister gen-invoice -a 60 -p ${seller.publicKey} -o bananas.invoice`)).toEqual(DONE)
    const invoice = readAs(read('bananas.invoice'), 'invoice')
    expect(invoice).toMatchObject({
      value: { invoice: { destination: seller.publicKey, amount: 60n, currency: 'credit' } },
    })
    expect(invoice.ok && invoice.value.invoice.created).toBeGreaterThanOrEqual(before)
  })

  it('makes an invoice with currency, description and expiry', () => {
    const command = `stregister gen-invoice -a ${2n ** 128n - 1n} -p ${seller.publicKey} -o full.invoice -c hours`
    const description = 'A bag of “bananas” 🍌'
    expect(run(`${command} --expires 12h --description`, description)).toEqual(DONE)
    const invoice = readAs(read('full.invoice'), 'invoice')
    if (!invoice.ok) throw new Error(invoice.error.message)
    const { created, expires, ...others } = invoice.value.invoice
    expect(others).toMatchObject({ currency: 'hours', amount: 2n ** 128n - 1n, description })
    expect(expires).toBe(created + 12 * 3_600_000)
    const dated = `stregister gen-invoice -a 1 -p ${seller.publicKey} -o dated.invoice`
    expect(run(`${dated} --expires 2999-01-31T18:00Z`)).toEqual(DONE)
    expect(readAs(read('dated.invoice'), 'invoice')).toMatchObject({
      value: { invoice: { expires: Date.UTC(2999, 0, 31, 18) } },
    })
  })

  it('finds a receipt valid, as a file or pasted', () => {
    writeReceipt('bananas.receipt', 'bananas.invoice')
    const valid = { code: 0, out: 'Receipt is valid!\n', error: '' }
    expect(run('stregister verify-receipt -i bananas.invoice -r bananas.receipt')).toEqual(valid)
    const receipt = readAs(read('bananas.receipt'), 'receipt')
    if (!receipt.ok) throw new Error(receipt.error.message)
    writeFileSync(join(folder, 'pasted.receipt'), `Here you are: ${toText(receipt.value)}\n`)
    expect(run('stregister verify-receipt -i bananas.invoice -r pasted.receipt')).toEqual(valid)
  })

  it('says why a receipt is not valid', () => {
    const stranger = nobleProvider.signer(new Uint8Array(32).fill(8))
    writeReceipt('forged.receipt', 'bananas.invoice', {}, stranger)
    writeReceipt('stranger.receipt', 'bananas.invoice', { receiptKey: stranger.publicKey }, stranger)
    writeReceipt('less.receipt', 'bananas.invoice', { totalDestPayment: 59n })
    writeReceipt('other.receipt', 'full.invoice')
    run(`stregister gen-invoice -a 60 -p ${seller.publicKey} -o again.invoice`)
    writeReceipt('again.receipt', 'again.invoice')
    const reasons = {
      forged: 'its signature is not that of the card that was to be paid',
      stranger: 'it comes from another card than the invoice names',
      less: 'it is for 59 and the invoice for 60',
      other: 'it is in another currency than the invoice',
      again: 'it belongs to another invoice',
    }
    for (const [name, reason] of Object.entries(reasons)) {
      expect(run(`stregister verify-receipt -i bananas.invoice -r ${name}.receipt`)).toEqual({
        code: 1,
        out: '',
        error: `stregister: The receipt is not valid: ${reason}.\n`,
      })
    }
  })
})

describe('bad input', () => {
  it('never overwrites a file', () => {
    for (const command of [
      'stmgr gen-ident --output relay/relay.ticket',
      'stmgr relay-ticket --idfile relay/relay.ident --address 127.0.0.1:1 --output relay/relay.ticket',
      `stregister gen-invoice -a 1 -p ${seller.publicKey} -o relay/relay.ticket`,
    ]) {
      const before = read('relay/relay.ticket')
      const result = run(command)
      expect(result.code).toBe(1)
      expect(result.error).toMatch(/exists already/)
      expect(read('relay/relay.ticket')).toBe(before)
    }
  })

  const invoiceTo = `stregister gen-invoice -p ${seller.publicKey} -o x`
  it.each([
    [
      1,
      'stmgr relay-ticket --idfile none.ident --address 127.0.0.1:1 --output x',
      /There is no file none\.ident/,
    ],
    [1, 'stmgr relay-ticket --idfile relay/relay.ticket --address 127.0.0.1:1 --output x', /relay\.ticket: /],
    [1, 'stmgr relay-ticket --idfile relay/relay.ident --address https://x/ --output x', /scheme/],
    [1, 'stmgr gen-ident --output none/x', /its directory does not exist/],
    [
      1,
      'stregister verify-receipt -i relay/relay.ticket -r bananas.receipt',
      /a relay ticket, not an invoice/,
    ],
    [1, 'stregister verify-receipt -i bananas.invoice -r bananas.invoice', /an invoice, not a receipt/],
    [1, 'stregister verify-receipt -i relay/relay.ident -r bananas.receipt', /is secret/],
    [1, 'stregister verify-receipt -i none -r bananas.receipt', /There is no file none/],
    [1, 'stregister verify-receipt -i /dev/zero -r bananas.receipt', /longer than any Offst file/],
    [2, 'stmgr', /No command is given/],
    [2, 'stmgr bake-cake --output x', /There is no command "bake-cake"/],
    [2, 'stmgr app-ticket --idfile app0/app0.ident --output x', /No permission is given/],
    [2, 'stmgr gen-ident', /--output is missing/],
    [2, 'stmgr gen-ident --output x --loud', /Unknown option '--loud'/],
    [2, `${invoiceTo} -a 0`, /not a whole number from 1/],
    [2, `${invoiceTo} -a 1.5`, /not a whole number from 1/],
    [2, `${invoiceTo} -a -5`, /not a whole number from 1/],
    [2, `${invoiceTo} -a ${2n ** 128n}`, /not a whole number from 1/],
    [2, 'stregister gen-invoice -a 1 -p bananas -o x', /--public-key: This is not an Offst code/],
    [2, `stregister gen-invoice -a 1 -p ${'A'.repeat(43)} -o x`, /--public-key: .*not one/],
    [2, `${invoiceTo} -a 1 -c ${'c'.repeat(17)}`, /currency: .*17 bytes/],
    [2, `${invoiceTo} -a 1 --expires soon`, /neither like 30m/],
    [2, `${invoiceTo} -a 1 --expires 2020-01-01`, /has passed/],
  ])('ends with %d and one sentence: %s', (code, command, message) => {
    const result = run(command)
    expect({ code: result.code, out: result.out }).toEqual({ code, out: '' })
    expect(result.error).toMatch(message)
    expect(result.error).toMatch(/^st\w+: .*\.\n$/)
    expect(readdirSync(folder)).not.toContain('x')
  })
})
