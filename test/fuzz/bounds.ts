// What decoded values may be, written down apart from the codecs: their ranges, and how much memory they take.

import * as limits from '../../protocol/limits.ts'
import { demand } from './fuzzer.ts'

/** Bytes of a decoded value for each byte that was decoded: the shortest operation has three and makes an object. */
const GROWTH_MAX = 24
/** Bytes of the value that an empty input may be. */
const VALUE_BYTES_MIN = 256
/** Rough bytes of one entry of an object or list. */
const SLOT_BYTES = 8

type Range = (value: unknown) => boolean

const U128_MAX = (1n << 128n) - 1n
const I128_MAX = (1n << 127n) - 1n

/** Every field of every message, by its name; a new one has to be added here. */
const RANGES: Readonly<Record<string, Range>> = {
  ...of(isId(43), [
    ...[
      'publicKey',
      'secretKey',
      'to',
      'from',
      'key',
      'destination',
      'source',
      'receiptKey',
      'signer',
      'receiver',
      'reporter',
      'friend',
      'node',
      'first',
      'last',
    ],
    ...['hash', 'prevHash', 'ackHash', 'startHash', 'receivedHash', 'signerHash', 'receiverHash', 'accepts'],
    ...['freshness', 'invoiceId'],
  ]),
  ...of(isId(22), ['requestId', 'nonce']),
  ...of(isId(86), ['signature']),
  session: (value) => isId(22)(value) || isId(11)(value),
  line: isId(11),
  ...of(isBetween(0n, U128_MAX), [
    'leftFees',
    'localPending',
    'remotePending',
    'capacity',
    'fees',
    'destPayment',
  ]),
  ...of(isBetween(1n, U128_MAX), ['amount', 'totalDestPayment']),
  ...of(isBetween(0n, I128_MAX), ['remoteMaxDebt']),
  ...of(isBetween(-I128_MAX, I128_MAX), ['balance']),
  ...of(isWhole(Number.MAX_SAFE_INTEGER), [
    'seq',
    'ackSeq',
    'signerSeq',
    'receiverSeq',
    'lastSent',
    'received',
  ]),
  ...of(isWhole(Number.MAX_SAFE_INTEGER), ['counter', 'time', 'created', 'expires', 'heard']),
  ...of(isWhole(0xffff_ffff), ['epoch', 'id', 'mul', 'add']),
  ...of(isWhole(0xffff_ffff), ['payloadBytesMax', 'allowedKeysMax', 'bytesPerSecondMax']),
  maxParts: (value) => isWhole(limits.PAYMENT_PARTS_MAX)(value) && value !== 0,
  currency: isText(limits.CURRENCY_BYTES_MAX),
  address: isText(limits.ADDRESS_BYTES_MAX),
  name: isText(limits.NAME_BYTES_MAX),
  description: isText(limits.DESCRIPTION_BYTES_MAX),
  ...of((value) => typeof value === 'string', ['kind', 'reason', 'period']),
  ...of((value) => typeof value === 'boolean', ['open', 'full']),
  ...of(
    (value) => typeof value === 'object',
    ['request', 'terms', 'rate', 'ticket', 'invoice', 'receipt', 'statement', 'note', 'cycle'],
  ),
  route: isList(limits.ROUTE_NODES_MAX - 1, isId(43)),
  nodes: isList(limits.ROUTE_NODES_MAX + 1, isId(43)),
  operations: isList(limits.BATCH_OPERATIONS_MAX),
  ...of(isList(2 * limits.CURRENCIES_MAX), ['claims', 'statements']),
  relays: isList(limits.RELAYS_MAX),
  keys: isList(limits.ALLOWED_KEYS_MAX, isId(43)),
  edges: isList(limits.UPDATE_EDGES_MAX),
  routes: isList(limits.PAYMENT_PARTS_MAX),
  excludedNodes: isList(limits.QUERY_EXCLUSIONS_MAX, isId(43)),
  excludedEdges: isList(limits.QUERY_EXCLUSIONS_MAX),
  oldSessions: isList(limits.OLD_SESSIONS_MAX, isId(22)),
  rooms: isList(limits.QUERY_ROOMS_MAX),
  permissions: isList(5),
  budgets: isList(limits.BUDGETS_MAX),
  body: isBytes(Math.max(limits.BATCH_BYTES_MAX, limits.UPDATE_BYTES_MAX)),
  ...of(isBytes(limits.PACKET_BYTES_MAX), ['payload', 'frame']),
  random: (value) => value instanceof Uint8Array && value.length === 32,
  neighbours: isList(limits.NEIGHBOURS_MAX, isId(43)),
  chain: (value) => isList(limits.FEDERATION_HOPS_MAX)(value) && Array.isArray(value) && value.length > 0,
  digest: isBetween(0n, (1n << 64n) - 1n),
}

/** Every field of `value` has its range; what is missing has none. */
export function demandRanges(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  for (const [name, field] of Object.entries(value)) {
    if (!Array.isArray(value) && field !== undefined) {
      demand(RANGES[name]?.(field) ?? false, `${name} is out of range: ${String(field).slice(0, 100)}`)
    }
    demandRanges(field)
  }
}

/** What was made of `inputSize` bytes does not take many times as much memory. */
export function demandGrowth(value: unknown, inputSize: number): void {
  const size = bytesOf(value)
  const max = VALUE_BYTES_MIN + GROWTH_MAX * inputSize
  demand(size <= max, `${inputSize} bytes became a value of ${size}, allowed ${max}`)
}

/** Kinds and lengths, without values, down to where messages have them. */
export function shapeOf(value: unknown, depth = 6): string {
  if (value === undefined) return '-'
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || depth === 0) return ''
  const parts = Object.values(value).map((part) => shapeOf(part, depth - 1))
  if (Array.isArray(value))
    return `[${Math.min(parts.length, 4)}${[...new Set(parts)].join('')}]`.slice(0, 200)
  const kind = 'kind' in value && typeof value.kind === 'string' ? value.kind.slice(0, 20) : ''
  return `${kind}(${parts.join('')})`.slice(0, 200)
}

/** Not by calling itself: values may be nested as deep as the stack. */
function bytesOf(whole: unknown): number {
  let bytes = 0
  const left = [whole]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length
    else if (typeof value === 'bigint') bytes += 16
    else if (typeof value === 'object' && value !== null) {
      const fields = Object.values(value).map((field: unknown) => field ?? null)
      bytes += SLOT_BYTES * (1 + fields.length)
      for (const field of fields) left.push(field)
    }
  }
  return bytes
}

function of(range: Range, names: readonly string[]): Record<string, Range> {
  return Object.fromEntries(names.map((name) => [name, range]))
}

function isId(characters: 11 | 22 | 43 | 86): Range {
  return (value) => typeof value === 'string' && value.length === characters && /^[\w-]+$/.test(value)
}

function isBetween(min: bigint, max: bigint): Range {
  return (value) => typeof value === 'bigint' && value >= min && value <= max
}

function isWhole(max: number): Range {
  return (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max
}

function isText(maxBytes: number): Range {
  return (value) =>
    typeof value === 'string' &&
    value !== '' &&
    Buffer.byteLength(value) <= maxBytes &&
    !/[\p{Cc}\p{Cs}]/u.test(value)
}

function isList(max: number, item: Range = () => true): Range {
  return (value) => Array.isArray(value) && value.length <= max && value.every(item)
}

function isBytes(max: number): Range {
  return (value) => value instanceof Uint8Array && value.length <= max
}
