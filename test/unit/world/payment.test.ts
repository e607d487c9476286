// Payments between real nodes over real relays and index servers, in memory.

import { expect, it } from 'vitest'
import { checkReceipt } from '../../../protocol/payment.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { readAs } from '../../../protocol/forms.ts'
import { books, createInvoice, createTrio, paidBooks } from './trio.ts'

it('pays an invoice through a mediator, who earns one credit, and proves it by a receipt', async () => {
  const trio = await createTrio('mediated')
  const { world, alice, bob, carol } = trio
  const invoice = await createInvoice(trio, '60')
  const quote = await world.settled(alice.call('payments.quote', { invoice: invoice.text }))
  expect(quote.fees).toBe('1')
  const id = alice.newId()
  await world.settled(alice.call('payments.pay', { id, invoice: invoice.text, maxFees: '1' }))
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '1', amount: '60' })
  await world.until('Bob sees it', () => bob.invoice(invoice.id)?.state === 'paid')
  await world.run(2_000)
  expect(books(trio)).toEqual(paidBooks(60n))
  expect(carol.all('activity').find(({ kind }) => kind === 'feeEarned')?.amount).toBe('1')

  const receipt = readAs(alice.payment(id)?.receipt ?? '', 'receipt')
  const read = readAs(invoice.text, 'invoice')
  if (!receipt.ok || !read.ok) throw new Error('the texts of invoice and receipt are readable')
  expect(checkReceipt(receipt.value.receipt, read.value.invoice, nobleProvider).ok).toBe(true)
})

it('pays a friend directly without a fee', async () => {
  const trio = await createTrio('direct')
  const { world, alice, carol } = trio
  const id = alice.newId()
  const { publicKey: destination } = carol
  await world.settled(
    alice.call('payments.pay', { id, destination, currency: 'credit', amount: '7', maxFees: '0' }),
  )
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '0' })
  await world.run(2_000)
  expect(alice.currency(carol).balance).toBe('-7')
  expect(carol.currency(alice).balance).toBe('7')
})

it('PAY-39 pays itself around a circle of friends, by the way that the index server finds', async () => {
  const { world, alice, bob, carol } = await createTrio('circle')
  await world.befriend(alice, bob)
  await world.run(3_000)
  const id = alice.newId()
  const cycle = { over: carol.publicKey, back: bob.publicKey }
  await world.settled(
    alice.call('payments.rebalance', { id, ...cycle, currency: 'credit', amount: '20', maxFees: '2' }),
  )
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '2' })
  await world.run(2_000)
  expect([carol, bob].map((friend) => alice.currency(friend).balance)).toEqual(['-22', '20'])
})

it('pays without an invoice', async () => {
  const trio = await createTrio('no invoice')
  const { world, alice, bob } = trio
  const id = alice.newId()
  const { publicKey: destination } = bob
  await world.settled(
    alice.call('payments.pay', { id, destination, currency: 'credit', amount: '60', maxFees: '1' }),
  )
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined)
  expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '1' })
  await world.run(2_000)
  expect(books(trio)).toEqual(paidBooks(60n))
})

it('fails with a sentence and leaves nothing frozen when the amount is over the limit', async () => {
  const trio = await createTrio('over the limit')
  const { world, alice } = trio
  const before = books(trio)
  const invoice = await createInvoice(trio, '500')
  const id = alice.newId()
  await world.settled(alice.call('payments.pay', { id, invoice: invoice.text, maxFees: '10' }))
  await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined, 120_000)
  expect(alice.payment(id)?.state).toBe('failed')
  expect(alice.payment(id)?.fault?.code).toBe('overLimit')
  await world.run(2_000)
  expect(books(trio)).toEqual(before)
})

it('tells apart a missing index server from a missing route', async () => {
  const trio = await createTrio('no index')
  const { world, alice, index } = trio
  index.kill()
  await world.run(60_000)
  const invoice = await createInvoice(trio, '5')
  await expect(world.settled(alice.call('payments.quote', { invoice: invoice.text }))).rejects.toMatchObject({
    code: 'noIndexServer',
  })
})
