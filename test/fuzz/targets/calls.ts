// The app API: the parameters of every method, and the messages that apps and pages put around them.

import * as v from 'valibot'
import { PERMISSIONS, toText } from '../../../protocol/forms.ts'
import {
  CallMessage,
  FAULT_CHARACTERS_MAX,
  methods,
  NodeMessage,
  PageMessage,
  parseParams,
  TabMessage,
  TakenMessage,
  type MethodName,
  type ParamsOf,
} from '../../../worker/api.ts'
import { EXAMPLES } from '../../unit/protocol/forms-examples.ts'
import { demandGrowth, shapeOf } from '../bounds.ts'
import { defineTarget, demand, type FuzzTarget, type Outcome } from '../fuzzer.ts'
import { mutateValue } from '../mutate-value.ts'
import { ALICE, BOB, CAROL, CREDIT, id16, id32, U128_MAX } from './samples.ts'

const name = 'Alice'
const friend = ALICE
const ofCurrency = { friend, currency: CREDIT }
const relay = toText(EXAMPLES.relay)
const index = toText(EXAMPLES.index)
const invoice = toText(EXAMPLES.invoice)
const rate = { mul: 0, add: 0xffff_ffff }
const amount = U128_MAX.toString()
const route = { nodes: [ALICE, BOB], amount: '5', fees: '0' }

/** What each method takes. */
export const CALLS: { readonly [M in MethodName]: readonly ParamsOf<M>[] } = {
  'cards.list': [{}],
  'cards.create': [{ key: id16(1), name, relays: [relay], indexServers: [index, index] }],
  'cards.addRemote': [{ key: id16(7), ticket: toText(EXAMPLES.remote), unreached: true }],
  'cards.reopen': [{ card: ALICE }],
  'cards.remove': [{ card: ALICE, confirm: name }],
  'text.inspect': [{ input: invoice }],
  'receipt.verify': [{ invoice, receipt: toText(EXAMPLES.receipt) }],
  'state.subscribe': [{}],
  'card.rename': [{ name }],
  'card.setSettings': [{ acceptUnknownPayments: true }, { coarseCapacities: true }],
  'card.ticket': [{}],
  'friends.add': [
    { ticket: toText(EXAMPLES.friend), name },
    { ticket: BOB, name, balances: [{ currency: CREDIT, balance: '-5' }], enabled: false },
  ],
  'friends.rename': [{ friend, name }],
  'friends.setEnabled': [{ friend, enabled: true }],
  'friends.setOpen': [{ ...ofCurrency, open: true }],
  'friends.setMaxDebt': [{ ...ofCurrency, maxDebt: '100' }],
  'friends.setRate': [{ ...ofCurrency, rate }],
  'friends.addCurrency': [ofCurrency],
  'friends.removeCurrency': [ofCurrency],
  'friends.setRelays': [{ friend, relays: [{ publicKey: CAROL, address: '127.0.0.1:8000' }] }],
  'friends.acceptReset': [{ friend, theirsId: id32(1) }],
  'friends.reset': [{ friend }],
  'friends.remove': [{ friend }],
  'friends.statement': [{ friend }],
  'servers.addRelay': [{ ticket: relay, name }],
  'servers.removeRelay': [{ publicKey: EXAMPLES.relay.ticket.publicKey }],
  'servers.addIndex': [{ ticket: index, name }],
  'servers.removeIndex': [{ publicKey: EXAMPLES.index.ticket.publicKey }],
  'apps.accept': [
    { app: CAROL, name, permissions: [...PERMISSIONS], budgets: [] },
    { app: BOB, name, permissions: ['funds'], budgets: [{ currency: CREDIT, amount, period: 'day' }] },
  ],
  'apps.revoke': [{ app: CAROL }],
  'apps.invite': [{ key: id16(6), name, budgets: [{ currency: CREDIT, amount, period: 'week' }] }],
  'invoices.create': [
    { nonce: id16(2), currency: CREDIT, amount },
    { nonce: id16(3), currency: CREDIT, amount: '1', description: 'Bananas', expires: 1_700_000_000_000 },
  ],
  'invoices.cancel': [{ id: id32(1) }],
  'invoices.form': [{ id: id32(1) }],
  'payments.quote': [{ invoice }, { destination: CAROL, currency: CREDIT, amount }],
  'payments.maxPayable': [{ destination: CAROL, currency: CREDIT }],
  'payments.pay': [
    { id: id16(4), maxFees: '0', invoice },
    {
      id: id16(5),
      maxFees: amount,
      destination: CAROL,
      currency: CREDIT,
      amount: '5',
      routes: [route, route],
    },
  ],
  'payments.rebalance': [{ id: id16(6), over: BOB, back: CAROL, currency: CREDIT, amount, maxFees: '0' }],
  'payments.cancel': [{ id: id16(4) }],
  'payments.receipt': [{ id: id16(4) }],
  'activity.list': [{ limit: 500 }, { before: 7, limit: 1 }],
}

export const METHODS = Object.keys(methods) as readonly MethodName[]

/** Deeper than the deepest nest that one mutation makes. */
const DEPTH_MAX = 3_100

/** JSON as it comes out of a parser, written by whatever program. */
function jsonTarget(
  targetName: string,
  cost: number,
  seeds: readonly unknown[],
  read: (value: unknown) => Outcome & { readonly value?: unknown },
): FuzzTarget {
  return defineTarget<string>({
    name: targetName,
    cost,
    seeds: seeds.map((seed) => JSON.stringify(seed)),
    faults: ['badParams', 'badMessage'],
    mutate: (random, input, other) => {
      const mutated = JSON.stringify(mutateValue(random, JSON.parse(input), JSON.parse(other)))
      return isTooDeep(mutated) ? input : mutated
    },
    decode: (input) => {
      const outcome = read(JSON.parse(input))
      if (!outcome.accepted) return outcome
      demandGrowth(outcome.value, Buffer.byteLength(input))
      demandPlain(outcome.value)
      const sentOn = JSON.stringify(outcome.value)
      const again = read(JSON.parse(sentOn))
      const isSame = again.accepted && JSON.stringify(again.value) === sentOn
      demand(isSame, 'is read otherwise when sent on')
      return outcome
    },
    sizeOf: (input) => input.length,
    show: (input) => input,
  })
}

/** Nested so deep, by one mutation after another, that the fuzzer itself would run out of stack. */
export function isTooDeep(json: string): boolean {
  let depth = 0
  for (const character of json) {
    if (character === '[' || character === '{') depth += 1
    else if (character === ']' || character === '}') depth -= 1
    if (depth > DEPTH_MAX) return true
  }
  return false
}

/** No object with a past: none that came by a prototype of somebody's choice. */
function demandPlain(whole: unknown): void {
  const left = [whole]
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const prototype: unknown = Object.getPrototypeOf(value)
    const isPlain = prototype === Object.prototype || prototype === Array.prototype
    demand(isPlain, 'holds an object of a foreign kind')
    for (const field of Object.values(value)) left.push(field ?? null)
  }
}

function paramsTarget(method: MethodName): FuzzTarget {
  return jsonTarget(`params ${method}`, 3, CALLS[method], (params) => {
    const parsed = parseParams(method, params)
    if (parsed.ok) return { accepted: true, shape: shapeOf(parsed.value), value: parsed.value }
    demand(parsed.message.length <= FAULT_CHARACTERS_MAX, `a fault of ${parsed.message.length} characters`)
    return { accepted: false, fault: { code: 'badParams', message: parsed.message } }
  })
}

/** A message that is told from others by its schema alone; `unknown` fields of it are looked at later. */
function messageTarget(targetName: string, schema: v.GenericSchema, seeds: readonly unknown[]): FuzzTarget {
  return jsonTarget(targetName, 1, seeds, (message) => {
    const parsed = v.safeParse(schema, message)
    if (!parsed.success)
      return { accepted: false, fault: { code: 'badMessage', message: parsed.issues[0].type } }
    return { accepted: true, shape: shapeOf(parsed.output), value: parsed.output }
  })
}

const CALL = { id: 1, card: ALICE, method: 'friends.rename', params: { friend, name } }

export const callTargets: readonly FuzzTarget[] = [
  ...METHODS.map(paramsTarget),
  messageTarget('call-message', CallMessage, [CALL, { id: -1, method: 'cards.list', params: {} }]),
  messageTarget('page-message', v.union([PageMessage, TakenMessage]), [
    { hello: { tab: id16(1), build: 5 } },
    { taken: 9 },
    { retire: true },
  ]),
  messageTarget('tab-message', TabMessage, [{ tab: id16(1), message: CALL }]),
  messageTarget('node-message', NodeMessage, [
    { id: 1, result: {} },
    { id: -1, error: { code: 'badCall', message: 'no' } },
    { event: 'change', card: ALICE, changes: [{ collection: 'friends', key: BOB, value: null }] },
    { event: 'synced', card: ALICE },
    { event: 'cards' },
  ]),
]
