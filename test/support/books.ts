// What must hold of every card at every moment, whatever its friends do.

import { expect } from 'vitest'
import { TABLES } from '../../worker/core/records.ts'
import type { TestNode } from './core-net.ts'

/** CH-10: a crash at this moment would lose nothing and change nothing. */
export function expectStored(node: TestNode): void {
  const { apps, card, friends, payments, invoices, income } = node.core.state
  const all = [...friends.values()]
  const inMemory = {
    card: [card],
    friends: all.map(({ record }) => record),
    pendingOut: all.flatMap(({ pendingOut }) => [...pendingOut.values()]),
    pendingIn: all.flatMap(({ pendingIn }) => [...pendingIn.values()]),
    queue: all.flatMap(({ queue }) => [...queue.values()]),
    batches: all.flatMap(({ batches }) => batches),
    payments: [...payments.values()],
    invoices: [...invoices.values()],
    income: [...income.values()],
    apps: [...apps.values()],
  }
  for (const table of TABLES) {
    if (table === 'activity') continue
    const stored = new Set(node.stored(table).map(inspect))
    const memory = inMemory[table].map(inspect)
    if (stored.size !== memory.length || !memory.every((each) => stored.has(each))) {
      expect([...stored].sort(), `${node.name}: ${table}`).toEqual(memory.sort())
    }
  }
}

function inspect(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `${each}n`
    if (each === null || typeof each !== 'object' || Array.isArray(each)) return each
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** What a card has is what its history says, and it passes nothing on with a loss; a paid payment counts as a whole. */
export function expectAccounted(node: TestNode): void {
  let told = 0n
  for (const { kind, amount } of node.stored('activity')) {
    if (kind === 'feeEarned') expect(amount! > 0n, `${node.name} passes on with a loss`).toBe(true)
    if (kind !== 'limitChanged') told += amount ?? 0n
  }
  expect(told, `${node.name}’s history`).toBe(wealthOf(node) - onItsWay(node))
}

/** Parts of paid payments that the destination has not answered yet: the answer to one was the receipt for all. */
function onItsWay(node: TestNode): bigint {
  const paid = [...node.core.state.payments.values()].filter(({ state }) => state === 'paid')
  return paid
    .flatMap(({ parts }) => parts)
    .filter(({ state }) => state === 'pending')
    .reduce((sum, { amount, fees }) => sum + amount + fees, 0n)
}

/** All balances of a card together, in all currencies. */
export function wealthOf(node: TestNode): bigint {
  let owned = 0n
  for (const { record } of node.core.state.friends.values()) {
    for (const { balance } of record.channel.ledgers) owned += balance
  }
  return owned
}
