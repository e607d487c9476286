// What people hand to one another, in every carrier.

import { describe, expect, it } from 'vitest'
import {
  checkForm,
  formKinds,
  readAs,
  readDocument,
  toBinary,
  toLink,
  toQr,
  toText,
  toToml,
  type Form,
} from '../../../protocol/forms.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { EVERY_EXAMPLE, EXAMPLES, keyOf } from './forms-examples.ts'

function expectRead(input: string | Uint8Array, form: Form): void {
  expect(readDocument(input)).toEqual({ ok: true, value: form })
}

describe.each(EVERY_EXAMPLE)('$kind', (form) => {
  it('has a text of its own prefix, which is also the QR payload and the tail of a link (TXT-1)', () => {
    expect(toText(form)).toMatch(new RegExp(`^offst${form.kind}1[a-z0-9]+$`))
    // The alphanumeric mode of QR codes: digits, capitals and a few signs.
    expect(toQr(form)).toMatch(/^[0-9A-Z]+$/)
    expect(toLink(form, 'https://wallet.example/')).toBe(`https://wallet.example/#${toText(form)}`)
  })

  it('comes back from text, QR, link, protocol link, TOML and binary (TXT-1)', () => {
    expectRead(toText(form), form)
    expectRead(toQr(form), form)
    expectRead(toLink(form, 'http://127.0.0.1:8080/wallet/#old'), form)
    expectRead(`web+offst:${toText(form)}`, form)
    expectRead(`web+offst://${toText(form)}`, form)
    expectRead(toToml(form), form)
    expectRead(toBinary(form), form)
    expectRead(new TextEncoder().encode(toText(form)), form)
    expectRead(new TextEncoder().encode(toToml(form)), form)
  })

  it('starts its binary form with the version and the number of its kind (TXT-2)', () => {
    expect([...toBinary(form).subarray(0, 2)]).toEqual([1, formKinds().indexOf(form.kind) + 1])
  })

  it('is found however it was wrapped and embedded (TXT-3)', () => {
    const text = toText(form)
    expectRead(`\n\t ${text}\r\n `, form)
    expectRead(text.replace(/.{20}/g, '$&\r\n  '), form)
    expectRead(`${text.slice(0, 30)}\u200b${text.slice(30)}\ufeff`, form)
    expectRead(`Become my friend on Offst: https://w.example/#${text} (or scan it)`, form)
    expectRead(`Here it is: "${text}".`, form)
  })
})

describe('the files', () => {
  it('of a friend is the one of the tutorial (TXT-5)', () => {
    const relays = [{ publicKey: keyOf(2), address: '127.0.0.1:8000' }]
    expect(toToml({ kind: 'friend', ticket: { publicKey: keyOf(1), relays } })).toBe(
      `public_key = "${keyOf(1)}"\n\n[[relays]]\npublic_key = "${keyOf(2)}"\naddress = "127.0.0.1:8000"\n`,
    )
  })

  it('of the other kinds say what they are, since their fields are alike (TXT-5)', () => {
    expect(toToml(EXAMPLES.relay)).toBe(
      `kind = "relay"\npublic_key = "${keyOf(2)}"\naddress = "127.0.0.1:8000"\n`,
    )
  })

  it('without a kind are taken for what the place expects (TXT-5)', () => {
    const file = `# by hand\npublic_key = "${keyOf(2)}"\naddress = "127.0.0.1:8000"\n`
    expect(readAs(file, 'relay')).toEqual({ ok: true, value: EXAMPLES.relay })
    expect(readAs(file, 'node')).toMatchObject({ ok: true, value: { kind: 'node' } })
    expect(readDocument(file)).toMatchObject({ ok: false, error: { code: 'unknownForm' } })
  })

  it('may hold an amount as a bare integer, and always get it in quotes (TXT-5)', () => {
    const file = toToml(EXAMPLES.invoice)
    expect(file).toContain('amount = "60"')
    expectRead(file.replace('amount = "60"', 'amount = 60'), EXAMPLES.invoice)
  })
})

describe('a bare public key', () => {
  it('is recognised, alone or in a link (TXT-1)', () => {
    const key = { kind: 'publicKey', publicKey: keyOf(7) }
    expect(readDocument(` ${keyOf(7)}\n`)).toEqual({ ok: true, value: key })
    expect(readAs(`https://w.example/#${keyOf(7)}`, 'publicKey')).toEqual({ ok: true, value: key })
  })
})

describe('checkForm', () => {
  it('accepts what can be handed over and refuses what cannot, before anything is written (TXT-4)', () => {
    expect(checkForm(EXAMPLES.friend, nobleProvider)).toEqual({ ok: true, value: EXAMPLES.friend })
    const nameless: Form = { kind: 'friend', ticket: { ...EXAMPLES.friend.ticket, name: '' } }
    expect(checkForm(nameless, nobleProvider)).toMatchObject({ ok: false, error: { code: 'malformed' } })
    const addressless: Form = { kind: 'relay', ticket: { publicKey: keyOf(1), address: 'somewhere' } }
    expect(checkForm(addressless, nobleProvider)).toMatchObject({ ok: false, error: { code: 'malformed' } })
    const lone: Form = { kind: 'friend', ticket: { ...EXAMPLES.friend.ticket, name: 'x\ud800' } }
    expect(checkForm(lone, nobleProvider)).toMatchObject({ ok: false, error: { code: 'malformed' } })
  })
})
