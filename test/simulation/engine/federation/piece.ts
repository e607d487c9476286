// A connected piece of the real credit network, with the credit of its links.

import { realNetwork, type Link } from '../../../bench/credit-network.ts'
import type { Dice } from '../dice.ts'

/** New ones that an account brings before another one's turn: a hub alone would make every piece a star. */
const TURN_MAX = 4

/** `size` accounts, numbered from 0, and all links between them. */
export function pieceOfReal(size: number, dice: Dice): Link[] {
  const { links } = realNetwork()
  const neighbours = new Map<number, number[]>()
  for (const { a, b } of links) {
    listOf(neighbours, a).push(b)
    listOf(neighbours, b).push(a)
  }
  const start = dice.pick(links).a
  const numbers = new Map([[start, 0]])
  const turns = [start]
  for (const account of turns) {
    if (numbers.size === size) break
    for (let left = TURN_MAX; left > 0 && numbers.size < size; left--) {
      const other = dice.pick(neighbours.get(account) ?? [])
      if (numbers.has(other)) continue
      numbers.set(other, numbers.size)
      turns.push(other)
    }
    turns.push(account)
  }
  return links.flatMap(({ a, b, ...credit }) => {
    const [one, other] = [numbers.get(a), numbers.get(b)]
    return one === undefined || other === undefined ? [] : [{ a: one, b: other, ...credit }]
  })
}

function listOf(neighbours: Map<number, number[]>, account: number): number[] {
  const list = neighbours.get(account) ?? []
  neighbours.set(account, list)
  return list
}
