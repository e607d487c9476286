// Routes that an index server should not give, as bytes: some that no codec of ours would write.

import * as P from 'micro-packed'
import type { Query, Route } from '../../../../protocol/index-messages.ts'
import type { PublicKey } from '../../../../protocol/types.ts'
import { AMOUNT_MAX, publicKey, toBase64url } from '../../../../protocol/wire.ts'
import type { Dice } from '../dice.ts'

export const LIES = [
  'loop',
  'throughBuyer',
  'wrongStart',
  'wrongEnd',
  'backward',
  'madeUpEdges',
  'unknownNodes',
  'stranger',
  'dear',
  'free',
  'wrongAmount',
  'tooManyParts',
  'tooLong',
  'longest',
  'noNodes',
  'noRoutes',
  'otherQuestion',
] as const
export type LieName = (typeof LIES)[number]

/** Nodes that follow the source at most, and one more is too long. */
const HOPS_MAX = 32
/** Said to be payable to whoever asks for the most. */
const MUCH = 10n ** 9n

/** The answer `routes`, without the limits of the real one. */
const looseRoutes = P.struct({
  kind: P.U8,
  id: P.U32BE,
  routes: P.array(P.U8, P.struct({ nodes: P.array(P.U8, publicKey), amount: P.U128BE, fees: P.U128BE })),
})

/** @param friends who reports whom, as far as the liar knows. */
export function lieAbout(
  query: Query,
  lie: LieName,
  friends: ReadonlyMap<PublicKey, ReadonlySet<PublicKey>>,
  dice: Dice,
): Uint8Array {
  const liar = new Liar(query, friends, dice)
  const id = lie === 'otherQuestion' ? query.id + dice.between(1, 3) : query.id
  const routes = liar.routes(lie).map((route) => ({ ...route, nodes: [...route.nodes] }))
  return looseRoutes.encode({ kind: 0x82, id: id >>> 0, routes }).slice()
}

class Liar {
  readonly #query: Query
  readonly #friends: ReadonlyMap<PublicKey, ReadonlySet<PublicKey>>
  readonly #dice: Dice

  constructor(query: Query, friends: ReadonlyMap<PublicKey, ReadonlySet<PublicKey>>, dice: Dice) {
    this.#query = query
    this.#friends = friends
    this.#dice = dice
  }

  routes(lie: LieName): Route[] {
    const { source, destination, maxParts, amount = MUCH } = this.#query
    const dice = this.#dice
    const [first, fees] = [this.#friendOfSource(), BigInt(dice.between(0, 20))]
    const one = (nodes: readonly PublicKey[], changes: Partial<Route> = {}): Route[] => [
      { nodes, amount, fees, ...changes },
    ]
    const likely = [source, first, this.#stranger(), destination]
    switch (lie) {
      case 'loop':
        return one([source, first, this.#anybody(), first, destination])
      case 'throughBuyer':
        return one([source, first, source, destination])
      case 'wrongStart':
        return one([first, destination])
      case 'wrongEnd':
        return one([source, first, this.#anybody()])
      case 'backward':
        return one(likely.toReversed())
      case 'madeUpEdges':
        return one([source, ...new Set([first, this.#anybody(), destination])])
      case 'unknownNodes':
        return one(likely)
      case 'stranger':
        return one([source, this.#stranger(), destination])
      case 'dear':
        return one(likely, { fees: dice.pick([AMOUNT_MAX - amount, AMOUNT_MAX, 2n ** 127n, 10n ** 6n]) })
      case 'free':
        return one([source, ...new Set([first, destination])], { fees: 0n })
      case 'wrongAmount':
        return one(likely, { amount: dice.pick([0n, amount - 1n, amount + 1n, AMOUNT_MAX]) })
      case 'tooManyParts':
        return Array.from({ length: Math.min(maxParts + 1, 255) }, () =>
          one(likely, { amount: amount / 2n }),
        ).flat()
      case 'tooLong':
        return one([source, ...this.#strangers(HOPS_MAX + dice.between(0, 100)), destination])
      case 'longest':
        return one([source, first, ...this.#strangers(HOPS_MAX - 2), destination])
      case 'noNodes':
        return one(dice.pick([[], [source]]))
      case 'noRoutes':
        return []
      case 'otherQuestion':
        return one(likely)
    }
  }

  #friendOfSource(): PublicKey {
    const known = [...(this.#friends.get(this.#query.source) ?? [])]
    return known.length > 0 ? this.#dice.pick(known) : this.#stranger()
  }

  #anybody(): PublicKey {
    const known = [...this.#friends.keys()].filter((key) => key !== this.#query.source)
    return known.length > 0 ? this.#dice.pick(known) : this.#stranger()
  }

  #strangers(count: number): PublicKey[] {
    return Array.from({ length: count }, () => this.#stranger())
  }

  #stranger(): PublicKey {
    return toBase64url(this.#dice.bytes(32)) as PublicKey
  }
}
