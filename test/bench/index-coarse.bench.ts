// What it costs in payments when all cards tell index servers only roughly what they can receive (IDX-27).

import type { Room } from '../../protocol/index-messages.ts'
import { Solver } from '../../index-server/solver.ts'
import { coarsely } from '../../worker/core/ledger.ts'
import { graphOf, keyOf, realNetwork, type Network } from './credit-network.ts'
import { ONE_CREDIT, payments, queryOf } from './index-routes.bench.ts'
import { line, type Bench } from './report.ts'

export const indexCoarse: Bench = (say) => {
  const network = realNetwork()
  const exact = graphOf(network.links, ONE_CREDIT)
  const coarse = graphOf(
    network.links.map((link) => ({ ...link, forth: coarsely(link.forth), back: coarsely(link.back) })),
    ONE_CREDIT,
  )
  const roomsOf = bookkeeper(network)
  const solver = new Solver()
  for (const [sample, linksMin] of [
    ['any', 1],
    ['threeLinks', 3],
  ] as const) {
    const list = payments(network, linksMin)
    let [possible, answered] = [0, 0]
    for (const payment of list) {
      const query = queryOf(payment)
      if (!solver.solve(exact, query).ok) continue
      possible++
      // The buyer knows what he can send himself.
      if (solver.solve(coarse, { ...query, rooms: roomsOf(payment.source) }).ok) answered++
    }
    const of = `${possible} payments that exact capacities allow`
    say(line(`coarse.${network.name}.${sample}.success`, answered / possible, 'of them', 1, of))
  }
}

/** What an account can send to each of its friends, exactly. */
function bookkeeper({ links }: Network): (account: number) => Room[] {
  const rooms = new Map<number, Room[]>()
  const note = (from: number, to: number, capacity: bigint): void => {
    const known = rooms.get(from)
    const room = { friend: keyOf(to), capacity }
    if (known === undefined) rooms.set(from, [room])
    else known.push(room)
  }
  for (const { a, b, forth, back } of links) {
    note(a, b, forth)
    note(b, a, back)
  }
  return (account) => rooms.get(account) ?? []
}
