// What a friend has signed about the balance, as a document for others.

import { expect, it } from 'vitest'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { readAs } from '../../../../protocol/forms.ts'
import { statementCheck } from '../../../../protocol/statement.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import { CoreNet } from '../../../support/core-net.ts'

it('CH-30 is shown to others as the friend has signed it, and proves nothing when a number is changed', () => {
  const net = new CoreNet('statement')
  const [alice, bob] = [net.node('Alice'), net.node('Bob')]
  net.befriend(alice, bob)
  const target = { destination: bob.key, currency: 'credit', amount: '25', maxFees: '0' }
  alice.call('payments.pay', { id: toBase64url(net.random(16)), ...target })
  net.settle()
  net.advance(5_000)
  const { text } = alice.call('friends.statement', { friend: bob.key }) as { text: string }
  const form = readAs(text, 'statement')
  if (!form.ok) throw new Error(form.error.message)
  const { statement } = form.value
  expect(statement).toMatchObject({ signer: bob.key, receiver: alice.key })
  expect(statement.note.statements).toMatchObject([{ currency: 'credit', balance: 25n }])
  expect(nobleProvider.verify(statementCheck(statement))).toBe(true)
  const [first] = statement.note.statements
  const forged = { ...statement, note: { ...statement.note, statements: [{ ...first!, balance: 24n }] } }
  expect(nobleProvider.verify(statementCheck(forged))).toBe(false)
  expect(nobleProvider.verify(statementCheck({ ...statement, receiver: bob.key }))).toBe(false)
})

it('CH-30 is missing before the friend has signed anything', () => {
  const net = new CoreNet('no statement')
  const [alice, bob] = [net.node('Alice'), net.node('Bob')]
  alice.call('friends.add', { ticket: bob.ticket(), name: 'Bob' })
  expect(() => alice.call('friends.statement', { friend: bob.key })).toThrow('noStatement')
})
