// Payments in circles, as a user could come to order one: his own invoice, an app's route, an index server that lies.

import { expect, it } from 'vitest'
import { toText } from '../../../protocol/forms.ts'
import type { Query, Route } from '../../../protocol/index-messages.ts'
import type { PublicKey } from '../../../protocol/types.ts'
import { createTrio } from '../world/trio.ts'
import { LyingIndexServer } from './lying-index.ts'
import { expectAgreed, expectRunning, pay } from './scenes.ts'

it('refuses to pay one’s own invoice, and pays no circle that an app names as its route (PAY-30, PAY-31)', async () => {
  const { world, alice, bob, carol } = await createTrio('own circle')
  const params = { nonce: alice.newId(), currency: 'credit', amount: '10' }
  const { text } = await world.settled(alice.call('invoices.create', params))
  const own = alice.call('payments.pay', { id: alice.newId(), invoice: text, maxFees: '5' })
  await expect(world.settled(own)).rejects.toMatchObject({ code: 'ownInvoice' })
  const [a, b, c] = [alice, bob, carol].map(({ publicKey }) => publicKey) as [PublicKey, PublicKey, PublicKey]
  for (const nodes of [[a], [a, a], [a, c, a], [a, c, a, c, b], [a, c, b, c, b], [a, c, b, a], [c, b]]) {
    const order = { id: alice.newId(), destination: b, currency: 'credit', amount: '1', maxFees: '1' }
    const route = { nodes, amount: '1', fees: '1' }
    await world.settled(alice.call('payments.pay', { ...order, routes: [route] }))
    await world.until('it is paid', () => alice.payment(order.id)?.state === 'paid')
    expect(alice.payment(order.id)?.routes.map((taken) => taken.nodes)).toEqual([[a, c, b]])
  }
  await world.run(5_000)
  expectRunning(alice, bob, carol)
  expectAgreed([alice, carol], [carol, bob])
})

it('takes no circle that an index server answers with, alone or beside an honest one (IDX-13, PAY-34)', async () => {
  const { world, alice, bob, carol, index } = await createTrio('lying index server')
  const [a, b, c] = [alice, bob, carol].map(({ publicKey }) => publicKey) as [PublicKey, PublicKey, PublicKey]
  const lies = [
    [a, c, a],
    [a, c, a, c, b],
    [a, c, b, c, b],
    [a, c, b, a],
    [a, a, c, b],
    [a, b],
    [c, b],
    [a, b, c, a],
  ]
  let nodes: readonly PublicKey[] = []
  let asked = 0
  const routesFor = ({ amount = 1n }: Query): Route[] => {
    asked += 1
    return [{ nodes, amount, fees: 1n }]
  }
  const liar = world.server('liar', (environment) => new LyingIndexServer(environment, routesFor))
  const ticket = toText({ kind: 'index', ticket: { publicKey: liar.publicKey, address: liar.address } })
  await world.settled(alice.call('servers.addIndex', { ticket, name: 'liar' }))
  index.kill()
  await world.run(10_000)
  for (nodes of lies) expect([nodes, await pay(world, alice, bob, 1n)]).toEqual([nodes, 'failed'])
  expect(asked).toBeGreaterThanOrEqual(lies.length)
  expect([alice, bob, carol].flatMap((card) => card.all('activity')).map(({ kind }) => kind)).not.toContain(
    'disagreement',
  )
  expectRunning(alice, bob, carol)
  expectAgreed([alice, carol], [carol, bob])
  index.start()
  await world.run(60_000)
  for (nodes of lies) expect([nodes, await pay(world, alice, bob, 1n)]).toEqual([nodes, 'paid'])
  await world.run(5_000)
  expectAgreed([alice, carol], [carol, bob])
})
