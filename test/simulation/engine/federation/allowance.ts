// What the ledgers of all cards allow at a moment, looked at from above: every credit that could go from one friend to
// another, and the most that could go from a buyer to a seller. Written without the node's own arithmetic.

import type { IndexServer } from '../../../../index-server/server.ts'
import type { Currency } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import type { Member } from '../member.ts'
import { FlowNetwork } from './max-flow.ts'

/** A mediator forwards all but one part in so many (PAY-16): what the network's credit allows is without these. */
const RESERVE_DIVISOR = 16n
/**
 * More than all mediators of a payment take, each a credit of each part: of 16 parts with 31 mediators. Where the flow
 * carries so much more than the amount, fees are no reason to fail.
 */
const FEES_MAX = 16n * 31n

interface Edge {
  readonly from: Member
  readonly to: Member
  readonly capacity: bigint
}

/** What the most is that could be paid. */
export interface Allowance {
  /** By the ledgers alone. */
  readonly ledgers: bigint
  /** Without what mediators keep back, and without what they may take. */
  readonly network: bigint
}

/**
 * By the ledgers of both ends of each friendship.
 * @param members those that can be reached at all.
 */
export function edgesByLedgers(members: readonly Member[], currency: Currency): Edge[] {
  const there = members.filter(({ isRunning }) => isRunning)
  const present = new Map(there.map((member) => [member.card.publicKey, member]))
  return there.flatMap((from) =>
    [...(from.card.core?.state.friends.values() ?? [])].flatMap((friend) => {
      const to = present.get(friend.record.publicKey)
      return to === undefined ? [] : [{ from, to, capacity: capacityOf(from, friend, to, currency) }]
    }),
  )
}

/** What an index server has heard: of both ends, else it is none. */
export function edgesAtServer(server: IndexServer, members: readonly Member[], currency: Currency): Edge[] {
  return members.flatMap((from) =>
    [...from.friends].flatMap((to) => {
      const [one, other] = [from.card.publicKey, to.card.publicKey]
      const capacity = server.capacity(currency, other, one)
      const isKnown = capacity !== undefined && server.capacity(currency, one, other) !== undefined
      return isKnown ? [{ from, to, capacity }] : []
    }),
  )
}

export class CreditNetwork {
  readonly #edges: readonly Edge[]
  readonly #numbers: ReadonlyMap<Member, number>

  constructor(edges: readonly Edge[]) {
    this.#edges = edges
    const ends = new Set(edges.flatMap(({ from, to }) => [from, to]))
    this.#numbers = new Map([...ends].map((member, number) => [member, number]))
  }

  allowance(buyer: Member, seller: Member): Allowance {
    const ledgers = this.#flow(buyer, seller, ({ capacity }) => capacity)
    const kept = this.#flow(buyer, seller, ({ from, capacity }) =>
      from === buyer ? capacity : capacity - capacity / RESERVE_DIVISOR,
    )
    return { ledgers, network: kept > FEES_MAX ? kept - FEES_MAX : 0n }
  }

  /** What a member could send to, or receive of, all its friends. */
  total(member: Member, end: 'from' | 'to'): bigint {
    return this.#of(member, end).reduce((sum, { capacity }) => sum + capacity, 0n)
  }

  /** Friends that could send it something, or be sent something by it. */
  links(member: Member, end: 'from' | 'to'): number {
    return this.#of(member, end).length
  }

  #of(member: Member, end: 'from' | 'to'): Edge[] {
    return this.#edges.filter((edge) => edge[end] === member && edge.capacity > 0n)
  }

  #flow(buyer: Member, seller: Member, capacity: (edge: Edge) => bigint): bigint {
    const network = new FlowNetwork(this.#numbers.size)
    const number = (member: Member): number => this.#numbers.get(member) ?? -1
    for (const edge of this.#edges) network.add(number(edge.from), number(edge.to), capacity(edge))
    return network.maxFlow(number(buyer), number(seller))
  }
}

/** The least of what the one's ledger says it may send and the other's that it takes. */
function capacityOf(from: Member, out: Friend, to: Member, currency: Currency): bigint {
  const into = to.card.core?.state.friends.get(from.card.publicKey)
  if (into === undefined || !isUsable(out) || !isUsable(into)) return 0n
  const config = into.record.currencies.find((each) => each.currency === currency)
  const mine = out.record.channel.ledgers.find((each) => each.currency === currency)
  const theirs = into.record.channel.ledgers.find((each) => each.currency === currency)
  if (config?.open !== true || mine?.remoteTerms === undefined || theirs === undefined) return 0n
  const sends = mine.remoteTerms.remoteMaxDebt + mine.balance - mine.localPending
  const takes = config.remoteMaxDebt - theirs.balance - theirs.remotePending
  const least = sends < takes ? sends : takes
  return least > 0n ? least : 0n
}

function isUsable({ record, session }: Friend): boolean {
  return record.enabled && session?.ready === true && record.channel.status === 'ready'
}
