// Tickets, invoices and receipts of every version so far, in every carrier: people keep them for years.

import { describe, expect, it } from 'vitest'
import { ownServers } from '../../cli/own-servers.ts'
import { FORM_VERSION } from '../../protocol/forms/binary.ts'
import { readDocument, toBinary, toLink, toQr, toText, toToml, type Form } from '../../protocol/forms.ts'
import { formatIdentityFile, parseIdentityFile } from '../../protocol/identity.ts'
import { goldenEntries, goldenPaths, newestVersion, read } from './golden/files.ts'
import { FORM_SHAPE, FORMS } from './golden/form-samples.ts'
import { alice, bob, bytesOf } from './golden/samples.ts'
import { gapsIn } from './golden/shape.ts'

interface Carriers {
  readonly binary: Uint8Array
  readonly text: string
  readonly qr: string
  readonly link: string
  readonly toml: string
}

const WALLET = 'https://wallet.example.org/'
const FOLDER = `forms-v${FORM_VERSION}`

const forms = goldenEntries(
  `${FOLDER}/forms.json`,
  Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [name, carriersOf(form)])),
)

it('has golden forms of the version that this program writes, of every kind and with every field', () => {
  expect(newestVersion('forms')).toBe(FORM_VERSION)
  expect(Object.keys(forms).sort()).toEqual(Object.keys(FORMS).sort())
  expect(gapsIn('form', FORM_SHAPE, Object.values(FORMS))).toEqual([])
})

describe.each(Object.entries(FORMS))('TXT-1 golden %s', (name, form) => {
  it('is what this program writes, in every carrier', () => {
    expect(carriersOf(form)).toEqual(forms[name])
  })
})

describe.each(goldenPaths('forms').filter((path) => path.endsWith('/forms.json')))(
  'TXT-4 the forms of %s',
  (path) => {
    it.each(Object.entries(read(path) as typeof forms))('%s is read from every carrier', (name, carriers) => {
      for (const carrier of Object.values<string | Uint8Array>({ ...carriers })) {
        expect(readDocument(carrier)).toEqual({ ok: true, value: FORMS[name] })
      }
    })
  },
)

describe('golden files', () => {
  const secretKey = bytesOf('secret key of alice', 32)
  const fresh = {
    identity: formatIdentityFile(secretKey),
    'offst.json': JSON.stringify(ownServers('wss://offst.example.org', alice, bob)),
  }
  const files = goldenEntries(`${FOLDER}/files.json`, fresh)

  it('are those that programs write', () => {
    expect(fresh).toEqual(files)
  })

  it('keep the identity of whoever made them', () => {
    expect(parseIdentityFile(files['identity']!)).toEqual({ ok: true, value: secretKey })
  })
})

function carriersOf(form: Form): Carriers {
  return {
    binary: toBinary(form),
    text: toText(form),
    qr: toQr(form),
    link: toLink(form, WALLET),
    toml: toToml(form),
  }
}
