// What people hand to one another, in every carrier, and the other texts that a person may give to a program.

import { base64, bech32m } from '@scure/base'
import * as v from 'valibot'
import { formCodec } from '../../../protocol/forms/document.ts'
import {
  addressToUrl,
  readDocument,
  toBinary,
  toLink,
  toQr,
  toText,
  toToml,
  type Form,
  type FormFaultCode,
} from '../../../protocol/forms.ts'
import { formatIdentityFile, parseIdentityFile, SECRET_KEY_BYTES } from '../../../protocol/identity.ts'
import { ADDRESS_BYTES_MAX, FORM_BYTES_MAX } from '../../../protocol/limits.ts'
import { decode } from '../../../protocol/wire.ts'
import { Inspected } from '../../../worker/api.ts'
import { inspect } from '../../../worker/shell/documents.ts'
import { EVERY_EXAMPLE } from '../../unit/protocol/forms-examples.ts'
import { demandGrowth, demandRanges, shapeOf } from '../bounds.ts'
import { defineTarget, demand, type FuzzTarget, type Outcome } from '../fuzzer.ts'
import { mutateBytes } from '../mutate.ts'
import { mutateText } from '../mutate-text.ts'
import { mutateValue } from '../mutate-value.ts'
import type { FuzzRandom } from '../random.ts'
import { sameBytes, toHex } from './codec.ts'
import { bytes, KEYS } from './samples.ts'
import { mutateToml, TOML_WORDS } from './toml.ts'

/** Longer than any form may be. */
const INPUT_MAX = FORM_BYTES_MAX + 500
const KINDS = ['friend', 'relay', 'index', 'node', 'app', 'invoice', 'receipt', 'statement', 'remote']
const PREFIXES = [...KINDS, 'future'].map((kind) => `offst${kind}`)
const WORDS = [
  ...PREFIXES.map((prefix) => `${prefix}1`),
  'https://wallet.example/#',
  'web+offst:',
  'web+offst://',
  ' ',
  '\n',
  '\u200b',
  '("',
  '").',
  'take this: ',
  ...KEYS,
]

/** Every code but `wrongKind`, which only a place that expects a kind gives, or who tries to hand out an identity. */
const FAULTS: readonly FormFaultCode[] = [
  'unknownForm',
  'damaged',
  'truncated',
  'unknownVersion',
  'malformed',
  'badKey',
  'tooLong',
]

function checkDocument(input: string | Uint8Array): Outcome {
  const read = readDocument(input)
  const isTooLong = input.length > FORM_BYTES_MAX
  demand(!isTooLong || (!read.ok && read.error.code === 'tooLong'), `${input.length} characters were read`)
  if (!read.ok) return { accepted: false, fault: read.error }
  const document = read.value
  if (document.kind !== 'publicKey') {
    demandRanges(document)
    for (const carrier of [toText(document), toQr(document), toToml(document), toBinary(document)]) {
      demandReads(carrier, document)
    }
    demandCanonical(input, document)
  }
  demandGrowth(document, input.length)
  return { accepted: true, shape: shapeOf(document) }
}

function demandReads(carrier: string | Uint8Array, document: Form): void {
  const again = readDocument(carrier)
  const shown = typeof carrier === 'string' ? carrier : toHex(carrier)
  const isSame =
    again.ok && again.value.kind !== 'publicKey' && sameBytes(toBinary(again.value), toBinary(document))
  demand(isSame, `is read otherwise when written as ${shown}`)
}

/** Binaries and bare texts have one encoding; a person's TOML, link or sentence has many. */
function demandCanonical(input: string | Uint8Array, document: Form): void {
  if (typeof input !== 'string') {
    const isBinary = (input[0] ?? 0) <= 8
    demand(!isBinary || sameBytes(toBinary(document), input), 'has another binary than it was read from')
    return
  }
  const bare = input.replace(/[\s\u200b-\u200d\u2060\ufeff]/g, '').toLowerCase()
  const isBare = /^offst[a-z]*1/.test(bare)
  demand(!isBare || toText(document) === bare, 'has another text than it was read from')
}

/** The binary of a form, changed; half of them through its fields, so that it is whole. */
function mutateBinary(random: FuzzRandom, input: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = random.once(2) ? mutateFields(random, input, other) : undefined
  return whole ?? mutateBytes(random, input, other, INPUT_MAX)
}

/** The binary of a form with other fields, if it is one that can be encoded. */
function mutateFields(random: FuzzRandom, input: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  const form = decode(formCodec, input.subarray(1))
  const donor = decode(formCodec, other.subarray(1))
  if (!form.ok) return undefined
  try {
    const mutant = mutateValue(random, form.value, donor.ok ? donor.value : form.value) as Form
    return Uint8Array.of(1, ...formCodec.encode(mutant))
  } catch {
    return undefined
  }
}

/** A file with other fields, or with its lines changed. */
function mutateFile(random: FuzzRandom, input: string, other: string): string {
  const read = random.once(3) ? readDocument(input) : undefined
  if (read?.ok !== true || read.value.kind === 'publicKey') return mutateToml(random, input, other, INPUT_MAX)
  const binary = toBinary(read.value)
  const form = decode(formCodec, (mutateFields(random, binary, binary) ?? binary).subarray(1))
  return form.ok ? toToml(form.value) : input
}

/** A text with a sound checksum around a mutated binary, if `text` has one; most mutants of characters have not. */
function mutateBehindChecksum(random: FuzzRandom, text: string, other: string): string | undefined {
  const binary = binaryOf(text)
  if (binary === undefined) return undefined
  const mutant = mutateBinary(random, binary, binaryOf(other) ?? binary)
  const prefix = random.once(10) ? random.pick(PREFIXES) : text.slice(0, text.indexOf('1')).toLowerCase()
  const words = bech32m.toWords(mutant)
  // Bits that no byte fills.
  if (random.once(50)) words.push(random.below(32))
  return bech32m.encode(prefix, words, false)
}

function binaryOf(text: string): Uint8Array | undefined {
  const decoded = bech32m.decodeUnsafe(text, false)
  return decoded === undefined ? undefined : bech32m.fromWordsUnsafe(decoded.words) || undefined
}

function mutateFormText(random: FuzzRandom, input: string, other: string): string {
  const sound = random.once(3) ? undefined : mutateBehindChecksum(random, input, other)
  if (sound !== undefined && !random.once(5)) return sound
  return mutateText(random, sound ?? input, other, WORDS, INPUT_MAX)
}

const TEXTS = [
  ...EVERY_EXAMPLE.flatMap((form) => [toText(form), toQr(form), toLink(form, 'https://wallet.example/')]),
  ...KEYS,
]

const texts = defineTarget<string>({
  name: 'form-text',
  cost: 3,
  seeds: TEXTS,
  faults: [...FAULTS, 'wrongKind'],
  mutate: mutateFormText,
  decode: checkDocument,
  sizeOf: (input) => input.length,
  show: JSON.stringify,
})

const binaries = defineTarget<Uint8Array>({
  name: 'form-binary',
  cost: 3,
  seeds: [...EVERY_EXAMPLE.map(toBinary), new TextEncoder().encode(toText(EVERY_EXAMPLE[0]!))],
  faults: [...FAULTS, 'wrongKind'],
  mutate: mutateBinary,
  decode: checkDocument,
  sizeOf: (input) => input.length,
  show: toHex,
})

const tomls = defineTarget<string>({
  name: 'form-toml',
  cost: 3,
  seeds: EVERY_EXAMPLE.map(toToml),
  faults: [...FAULTS, 'wrongKind'],
  mutate: mutateFile,
  decode: checkDocument,
  sizeOf: (input) => input.length,
  show: JSON.stringify,
})

/** What `text.inspect` answers for every carrier, and for binary files as base64. */
const inspected = defineTarget<string>({
  name: 'form-inspect',
  cost: 3,
  seeds: [
    ...TEXTS,
    ...EVERY_EXAMPLE.map(toToml),
    ...EVERY_EXAMPLE.map((form) => base64.encode(toBinary(form))),
  ],
  faults: [...FAULTS, 'wrongKind'],
  mutate: (random, input, other) => {
    if (/^offst/i.test(input)) return mutateFormText(random, input, other)
    if (/^A[\w+/]*=*$/.test(input) && input.length % 4 === 0 && !random.once(4)) {
      const binary = base64.decode(input)
      return base64.encode(mutateBinary(random, binary, binary))
    }
    return mutateText(random, input, other, WORDS, INPUT_MAX)
  },
  decode: (input) => {
    const read = inspect(input)
    if (!read.ok) return { accepted: false, fault: read.error }
    demand(v.is(Inspected, read.value), 'is described as nothing that the API knows')
    return { accepted: true, shape: shapeOf(read.value) }
  },
  sizeOf: (input) => input.length,
  show: JSON.stringify,
})

const ADDRESSES = ['127.0.0.1:8000', '[::1]:9500', 'wss://relay.example/path?x=1', 'ws://[fe80::1]:80/']
const addresses = defineTarget<string>({
  name: 'address',
  seeds: ADDRESSES,
  faults: ['malformed'],
  mutate: (random, input, other) =>
    mutateText(random, input, other, ['ws://', 'wss://', 'http://', '@', ':0', ':65536', '%00', '..'], 2_000),
  decode: (input) => {
    const read = addressToUrl(input)
    if (!read.ok) return { accepted: false, fault: read.error }
    demand(input.length <= ADDRESS_BYTES_MAX, `an address of ${input.length} characters`)
    const { protocol, username, password, hash, hostname } = new URL(read.value)
    demand(/^wss?:$/.test(protocol) && hostname !== '', `dials ${read.value}`)
    demand(username + password + hash === '', `dials ${read.value}`)
    return { accepted: true, shape: `${protocol} ${/^[\d.]+$/.test(hostname)} ${hostname.startsWith('[')}` }
  },
  sizeOf: (input) => input.length,
  show: JSON.stringify,
})

const identities = defineTarget<string>({
  name: 'identity-file',
  seeds: [formatIdentityFile(bytes(32)), `# mine\n${formatIdentityFile(bytes(32, 0xff))}`],
  faults: ['malformed'],
  mutate: (random, input, other) =>
    random.once(2)
      ? mutateToml(random, input, other, INPUT_MAX)
      : mutateText(random, input, other, TOML_WORDS, INPUT_MAX),
  decode: (input) => {
    const read = parseIdentityFile(input)
    if (!read.ok) return { accepted: false, fault: read.error }
    demand(read.value.length === SECRET_KEY_BYTES, `a key of ${read.value.length} bytes`)
    const again = parseIdentityFile(formatIdentityFile(read.value))
    demand(again.ok && sameBytes(again.value, read.value), 'is read otherwise when written again')
    return { accepted: true, shape: 'key' }
  },
  sizeOf: (input) => input.length,
  show: JSON.stringify,
})

export const formTargets: readonly FuzzTarget[] = [texts, binaries, tomls, inspected, addresses, identities]
