// What stctrl adds to the tutorial, with two nodes and a relay in this process: JSON, history, currencies, rates,
// invoices, payments, and a balance that is agreed on anew.

import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../cli/ctl/connect.ts'
import { entriesSince } from '../../cli/ctl/history.ts'
import type { RunningNode } from '../../cli/node/run.ts'
import { startServer, type RunningServer } from '../../cli/server-program.ts'
import { relayKind } from '../../cli/strelay.ts'
import { systemRandom } from '../../cli/system.ts'
import { readAs } from '../../protocol/forms.ts'
import { toBase64url } from '../../protocol/wire.ts'
import type { ActivityView, FriendView, InvoiceView, PaymentView } from '../../worker/api.ts'
import { doneHere, enterFolder, prepareNodeHere, runHere, startNodeHere } from '../support/in-process.ts'
import { DONE, type Outcome } from '../support/program.ts'
import { freeAddress, says } from '../support/tutorial.ts'

/** Nobody's here. */
const STRANGER = 'TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw'
const QUIET = { out: () => undefined, error: () => undefined }
/** So many payments, besides those under way, a node shows by itself. */
const SHOWN = 100
/** Longer than any of this takes. */
const SOON_MS = 10_000

let leave: () => Promise<void>
let relay: RunningServer
const nodes: RunningNode[] = []
const keys: string[] = []

beforeAll(async () => {
  leave = await enterFolder()
  const started = await startServer(
    relayKind,
    { idfile: 'relay.ident', address: '127.0.0.1:0', output: 'relay.ticket', qr: false },
    QUIET,
  )
  if (!started.ok) throw new Error(started.error.message)
  relay = started.value
  for (const number of [0, 1]) {
    const address = await freeAddress()
    await prepareNodeHere(number, address, '--pconfig --pfunds --proutes --psell')
    nodes.push(await startNodeHere(number, address))
    await configure(number, 'config add-relay -n relay -r relay.ticket')
    await configure(number, `info export-ticket -o node${number}.friend`)
    keys.push((await control(number, 'info public-key')).out.trim())
  }
  for (const [one, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    await configure(one, `config add-friend -n node${other} -f node${other}.friend`)
    await configure(one, `config enable-friend -n node${other}`)
    await configure(one, `config open-friend -n node${other}`)
    await configure(one, `config set-friend-max-debt -n node${other} -m 1000`)
  }
  await friendUntil(0, ({ currencies }) => currencies[0]?.canSpend === '1000')
})

afterAll(async () => {
  for (const node of nodes) await node.stop()
  await relay.stop()
  await leave()
})

function control(number: number, command: string, ...last: readonly string[]): Promise<Outcome> {
  return runHere(
    `stctrl -I app${number}/app${number}.ident -T node${number}/node${number}.ticket ${command}`,
    ...last,
  )
}

async function configure(number: number, command: string): Promise<void> {
  expect(await control(number, command), command).toEqual(DONE)
}

async function json<T>(number: number, command: string): Promise<T> {
  const { code, out, error } = await control(number, `${command} --json`)
  expect({ code, error }).toEqual({ code: 0, error: '' })
  return JSON.parse(out) as T
}

/** The only friend of node `number`, as soon as he is as said: what others have to hear of takes a moment. */
async function friendUntil(number: number, isSo: (friend: FriendView) => boolean): Promise<FriendView> {
  for (let left = 100; ; left--) {
    const [friend] = await json<FriendView[]>(number, 'info friends')
    if (friend !== undefined && (isSo(friend) || left === 0)) {
      expect(isSo(friend), JSON.stringify(friend)).toBe(true)
      return friend
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function whoOf(number: number) {
  return { idfile: `app${number}/app${number}.ident`, ticket: `node${number}/node${number}.ticket` }
}

/** Begins a payment of one credit and does not wait for its end; returns its id. */
async function order(number: number, destination: string): Promise<string> {
  const opened = await connect(whoOf(number), QUIET)
  if (!opened.ok) throw new Error(opened.error.message)
  const id = toBase64url(systemRandom(16))
  const params = { id, destination, currency: 'credit', amount: '1', maxFees: '0' }
  expect(await opened.value.client.call('payments.pay', params)).toMatchObject({ ok: true })
  opened.value.client.close()
  return id
}

describe('stctrl', () => {
  it('CLI-13 shows as JSON what it shows as text', async () => {
    expect(await json(0, 'info public-key')).toEqual({ publicKey: keys[0] })
    expect(await json(0, 'info balance')).toEqual({ currency: 'credit', balance: '0' })
    expect(await json(0, 'info balance -c hours')).toEqual({ currency: 'hours', balance: '0' })
    const friends = await json<FriendView[]>(0, 'info friends')
    expect(friends).toMatchObject([{ name: 'node1', publicKey: keys[1], enabled: true, online: true }])
    expect(friends[0]?.currencies).toMatchObject([
      { currency: 'credit', balance: '0', remoteMaxDebt: '1000', localOpen: true, rate: { mul: 0, add: 1 } },
    ])
    expect(await json(0, 'info relays')).toMatchObject([{ name: 'relay', state: 'connected' }])
    expect(await json(0, 'info index')).toEqual([])
    const ticket = await json<{ text: string; toml: string }>(0, 'info export-ticket')
    expect(readAs(ticket.text, 'friend')).toMatchObject({ value: { ticket: { publicKey: keys[0] } } })
    expect(ticket.toml).toBe(readFileSync('node0.friend', 'utf8'))
  })

  it('sets what the card takes for passing on', async () => {
    await configure(0, 'config set-friend-rate -n node1 --add 2 --percent 0.5')
    const friend = await friendUntil(0, ({ currencies }) => currencies[0]?.rate.add === 2)
    expect(friend.currencies[0]?.rate).toEqual({ mul: Math.ceil(2 ** 32 * 0.005), add: 2 })
    await configure(0, 'config set-friend-rate -n node1 -a 1')
  })

  it('keeps another currency, with limits, balances and payments of its own, and gives it up', async () => {
    for (const [one, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      await configure(one, `config add-currency -n node${other} -c hours`)
      await configure(one, `config open-friend -n node${other} -c hours`)
      await configure(one, `config set-friend-max-debt -n node${other} -m 10 -c hours`)
    }
    expect(await control(0, 'config add-currency -n node1 -c hours')).toMatchObject({ code: 1 })
    await friendUntil(0, ({ currencies }) =>
      currencies.some(({ currency, canSpend }) => currency === 'hours' && canSpend === '10'),
    )
    const sent = await control(0, `funds send-funds -a 4 -d ${keys[1] ?? ''} -c hours`)
    expect(sent).toEqual(says('Payment successful!', 'Fees: 0'))
    expect(await control(0, 'info balance -c hours')).toEqual(says('-4'))
    const most = await control(0, `funds max-payable -d ${keys[1] ?? ''} -c hours`)
    expect(most).toEqual(says('At most: 6', 'Fees: 0', 'Ways: 1'))
    expect(await control(0, 'info balance')).toEqual(says('0'))
    expect((await control(0, 'info friends')).out).toContain('| hours:        |')
    const inUse = await control(0, 'config remove-currency -n node1 -c hours')
    expect(inUse).toMatchObject({ code: 1, error: expect.stringContaining('Settle it before') })
    await friendUntil(1, ({ currencies }) => currencies.some(({ balance }) => balance === '4'))
    await control(1, `funds send-funds -a 4 -d ${keys[0] ?? ''} -c hours`)
    await friendUntil(0, ({ currencies }) => currencies.every(({ balance }) => balance === '0'))
    await configure(0, 'config remove-currency -n node1 -c hours')
  })

  it('PAY-39 cannot move anything over one friend alone, or over somebody unknown', async () => {
    const alone = await control(0, 'funds rebalance --over node1 --back node1 -a 5')
    expect(alone).toMatchObject({ code: 1, error: expect.stringContaining('another friend') as string })
    const unknown = await control(0, 'funds rebalance --over node1 --back nobody -a 5')
    expect(unknown).toMatchObject({ code: 1, error: expect.stringContaining('no friend "nobody"') as string })
  })

  it('changes what holds for the whole card', async () => {
    const opened = await connect(whoOf(0), QUIET)
    if (!opened.ok) throw new Error(opened.error.message)
    const { client, state } = opened.value
    for (const [word, name, value] of [
      ['coarse-capacities', 'coarseCapacities', true],
      ['exact-capacities', 'coarseCapacities', false],
      ['refuse-unknown', 'acceptUnknownPayments', false],
      ['accept-unknown', 'acceptUnknownPayments', true],
    ] as const) {
      await configure(0, `settings ${word}`)
      const isSet = () => (state.settings?.[name] === value ? true : undefined)
      expect(await state.until(isSet, SOON_MS), word).toEqual({ ok: true, value: true })
    }
    client.close()
  })

  it('makes, lists and cancels invoices', async () => {
    expect(await control(0, 'seller list')).toEqual(says('No invoices.'))
    const making = 'seller create-invoice -a 60 -o bananas.invoice --expires 1d --description'
    expect(await control(0, making, 'A bag of bananas')).toEqual(DONE)
    await configure(0, 'seller create-invoice -a 5 -o other.invoice')
    const invoice = readAs(readFileSync('bananas.invoice', 'utf8'), 'invoice')
    expect(invoice).toMatchObject({
      value: { invoice: { destination: keys[0], amount: 60n, description: 'A bag of bananas' } },
    })
    const list = await json<InvoiceView[]>(0, 'seller list')
    expect(list).toMatchObject([
      { state: 'open', amount: '60' },
      { state: 'open', amount: '5' },
    ])
    expect((await control(0, 'seller list')).out).toMatch(
      /\| open +\| 60 credit \| .* \| A bag of bananas \|/,
    )
    await configure(0, `seller cancel-invoice --id ${list[1]?.id ?? ''}`)
    expect(await json(0, 'seller list')).toMatchObject([{ state: 'open' }, { state: 'cancelled' }])
    const refused = await control(1, 'funds pay-invoice -i other.invoice -r other.receipt')
    expect(refused).toMatchObject({ code: 1, out: '', error: expect.stringContaining('Payment failed: ') })
  })

  it('CLI-9 pays an invoice, and after that says when it was paid, and gives the receipt again', async () => {
    const pay = (receipt: string) => control(1, `funds pay-invoice -i bananas.invoice -r ${receipt}`)
    expect(await pay('a.receipt')).toEqual(says('Payment successful!', 'Fees: 0'))
    const again = await pay('b.receipt')
    expect(again).toMatchObject({ code: 0, error: '' })
    expect(again.out).toMatch(/^Paid before, on .* UTC: nothing was paid now\.\nFees: 0\n$/)
    expect(readFileSync('b.receipt', 'utf8')).toBe(readFileSync('a.receipt', 'utf8'))
    expect(await json(0, 'seller list')).toMatchObject([{ state: 'paid' }, { state: 'cancelled' }])
    const list = await json<PaymentView[]>(1, 'funds payments')
    expect(list.map(({ state, amount }) => [state, amount])).toEqual([
      ['paid', '4'],
      ['failed', '5'],
      ['paid', '60'],
    ])
    const { id = '' } = list[2] ?? {}
    expect((await control(1, 'funds payments')).out).toContain(`| ${id} | paid`)
    expect(await control(1, `funds cancel -p ${id}`)).toMatchObject({
      code: 1,
      error: 'stctrl: This payment has succeeded already: it is paid.\n',
    })
  })

  it('CLI-17 tells the whole history, oldest first, in three ways, and into a file for its owner only', async () => {
    const entries = await json<ActivityView[]>(1, 'info history')
    expect(entries.map(({ id }) => id)).toEqual(entries.map(({ id }) => id).sort((a, b) => a - b))
    expect(entries.filter(({ kind }) => kind === 'sent')).toMatchObject([
      { amount: '-4', currency: 'hours' },
      { amount: '-60', currency: 'credit', description: 'A bag of bananas' },
    ])
    const table = await control(1, 'info history')
    expect(table.out.split('\n').length).toBe(2 * entries.length + 4)
    await configure(1, 'info history --csv -o history.csv')
    expect(statSync('history.csv').mode & 0o777).toBe(0o600)
    const [headings, ...rows] = readFileSync('history.csv', 'utf8').trimEnd().split('\n')
    expect(headings).toMatch(/^id,time,kind,currency,amount,fees,friend,/)
    expect(rows.length).toBe(entries.length)
    expect(rows.find((row) => row.includes('-60'))).toMatch(
      /^\d+,[-0-9T:.]+Z,sent,"credit",-60,.*,"A bag of bananas",/,
    )
    expect(await json(1, 'info history --since 2999-01-01')).toEqual([])
    expect(await json(1, 'info history --since 1h')).toEqual(entries)
  })

  it('CLI-17 leaves no text to a spreadsheet that it would take for a formula', async () => {
    const evil = '=1+"1",2'
    await control(0, 'seller create-invoice -a 1 -o evil.invoice --description', evil)
    await control(1, 'funds pay-invoice -i evil.invoice -r evil.receipt')
    const { out } = await control(1, 'info history --csv')
    expect(out).toContain(`,"'=1+""1"",2",`)
  })

  it('cancels a payment under way', async () => {
    // With an index server that does not answer, it is searched for longer than this test waits.
    await doneHere(`stmgr index-ticket -i relay.ident -a ${await freeAddress()} -o gone.ticket`)
    await configure(0, 'config add-index -n gone -i gone.ticket')
    const id = await order(0, STRANGER)
    expect(await control(0, `funds cancel -p ${id}`)).toEqual(says('Payment cancelled: nothing was paid.'))
    expect((await json<PaymentView[]>(0, 'funds payments')).at(-1)).toMatchObject({ id, state: 'failed' })
    expect(await control(0, `funds cancel -p ${id}`)).toMatchObject({
      code: 1,
      error: 'stctrl: This payment has failed already: nothing was paid.\n',
    })
    await configure(0, 'config remove-index -n gone')
  })

  it('CLI-9 finds the payment of an invoice again that was long ago', async () => {
    for (let left = SHOWN; left > 0; left--) await order(1, keys[0] ?? '')
    const pay = 'funds pay-invoice -i bananas.invoice -r late.receipt'
    await expect
      .poll(async () => (await json<PaymentView[]>(1, 'funds payments')).map(({ state }) => state))
      .toEqual(Array.from({ length: SHOWN }, () => 'paid'))
    expect((await control(1, pay)).out).toMatch(/^Paid before, on .* UTC: nothing was paid now\.\nFees: 0\n$/)
    expect(readFileSync('late.receipt', 'utf8')).toBe(readFileSync('a.receipt', 'utf8'))
  })

  it('CLI-17 tells the same history, however many pages it takes', async () => {
    const opened = await connect(whoOf(1), QUIET)
    if (!opened.ok) throw new Error(opened.error.message)
    const whole = await json<ActivityView[]>(1, 'info history')
    expect(whole.length).toBeGreaterThan(SHOWN)
    for (const pageEntries of [1, 7, whole.length, whole.length + 1]) {
      expect(await entriesSince(opened.value, 0, pageEntries)).toEqual({ ok: true, value: whole })
    }
    const middle = whole[50]?.time ?? 0
    expect(await entriesSince(opened.value, middle, 7)).toEqual({
      ok: true,
      value: whole.filter(({ time }) => time >= middle),
    })
    opened.value.client.close()
  })

  it('agrees on the balance anew, when one of both accepts what the other states', async () => {
    expect(await control(0, 'config accept-reset -n node1')).toMatchObject({
      code: 1,
      error: 'stctrl: You and "node1" agree on the balance.\n',
    })
    await configure(0, 'config reset-friend -n node1')
    // Claims that mirror each other need nobody: at 161 on both sides it repairs itself.
    const friend = await friendUntil(0, ({ status }) => status === 'ready')
    expect(friend.currencies[0]?.balance).toBe('161')
    expect(await control(1, 'info balance')).toEqual(says('-161'))
  })

  it("learns a friend's relays from his ticket, and from nobody else's", async () => {
    await configure(0, 'config set-friend-relays -n node1 -f node1.friend')
    expect(await control(0, 'config set-friend-relays -n node1 -f node0.friend')).toMatchObject({
      code: 1,
      error: expect.stringContaining('of another card than that of "node1"'),
    })
  })

  it('CLI-8 adds a friend who is disabled, until he is enabled', async () => {
    await configure(0, 'config remove-friend -n node1')
    await configure(1, 'config remove-friend -n node0')
    await configure(0, 'config add-friend -n node1 -f node1.friend --balance=100')
    await configure(1, 'config add-friend -n node0 -f node0.friend --balance=-90')
    expect(await json(0, 'info friends')).toMatchObject([{ enabled: false, online: false }])
    await configure(0, 'config enable-friend -n node1')
    await configure(1, 'config enable-friend -n node0')
    await friendUntil(0, ({ enabled, online }) => enabled && online)
  })

  it('shows two balances that do not match, and takes the one that is accepted', async () => {
    await friendUntil(0, ({ disagreement }) => disagreement?.theirs !== undefined)
    const { out } = await control(0, 'info friends')
    for (const words of ['I: inconsistent', 'mine  =100 credit', 'theirs=90 credit'])
      expect(out).toContain(words)
    expect(await control(0, 'config accept-reset -n node1 --balance=95')).toMatchObject({
      code: 1,
      error: 'stctrl: "node1" states 90 credit, not 95.\n',
    })
    await configure(0, 'config accept-reset -n node1 --balance=90')
    await friendUntil(0, ({ status, currencies }) => status === 'ready' && currencies[0]?.balance === '90')
    expect(await control(1, 'info balance')).toEqual(says('-90'))
  })
})
