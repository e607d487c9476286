// Mallory and her accomplice freeze all that they can of the way between them, and never let it go; Alice still pays.

import { expect, it } from 'vitest'
import { Core } from '../../../worker/core/core.ts'
import { World } from '../../support/world.ts'
import type { WorldCard } from '../../support/world-card.ts'

/** What Carol may send to Bob. */
const LIMIT = 100_000n

/** Takes whatever comes and signs nothing: what is frozen for her stays frozen. */
class SilentSeller extends Core {
  override receiptsToSign(): [] {
    super.receiptsToSign()
    return []
  }
}

interface Jam {
  readonly world: World
  readonly alice: WorldCard
  readonly carol: WorldCard
  readonly bob: WorldCard
  readonly conspirators: readonly { readonly payer: WorldCard; readonly seller: WorldCard }[]
}

/** Alice – Carol – Bob, and so many payers at Carol, each with a seller at Bob. */
async function createJam(pairs: number): Promise<Jam> {
  const world = new World(`jam of ${pairs}`)
  const servers = { relays: [world.relay()], indexServers: [world.index()] }
  const card = (name: string) => world.card(name, servers)
  const [alice, carol, bob] = [await card('alice'), await card('carol'), await card('bob')]
  await world.befriend(alice, carol, { limits: [LIMIT, LIMIT] })
  await world.befriend(carol, bob, { limits: [LIMIT, LIMIT] })
  const ample = { limits: [100n * LIMIT, 100n * LIMIT] } as const
  const conspirators = []
  for (let i = 0; i < pairs; i++) {
    const [payer, seller] = [await card(`mallory ${i}`), await card(`accomplice ${i}`)]
    seller.crash()
    seller.device.createCore = (snapshot) => new SilentSeller(snapshot)
    seller.boot()
    await world.befriend(payer, carol, ample)
    await world.befriend(bob, seller, ample)
    conspirators.push({ payer, seller })
  }
  await world.run(10_000)
  return { world, alice, carol, bob, conspirators }
}

/** Each pair tries hundreds of the smallest amount, and all powers of two, either from the largest down or last. */
async function freezeAll(
  { world, carol, bob, conspirators }: Jam,
  first: 'largest' | 'smallest',
): Promise<void> {
  const amounts = Array<bigint>(300).fill(1n)
  for (let amount = 1n; amount <= LIMIT; amount *= 2n) amounts.push(amount)
  if (first === 'largest') amounts.reverse()
  const orders = conspirators.flatMap(({ payer, seller }) =>
    amounts.map((amount) => {
      const nodes = [payer, carol, bob, seller].map(({ publicKey }) => publicKey)
      const order = { destination: seller.publicKey, currency: 'credit', amount: String(amount) }
      const route = { nodes, amount: order.amount, fees: '2' }
      return payer.call('payments.pay', { id: payer.newId(), maxFees: '2', routes: [route], ...order })
    }),
  )
  await world.settled(Promise.all(orders))
  await world.run(20_000)
}

it.each([
  { pairs: 1, first: 'largest', credits: 93_700n, requests: 1, amount: 5_800n },
  { pairs: 3, first: 'largest', credits: 99_900n, requests: 3, amount: 20n },
  { pairs: 2, first: 'smallest', credits: 768n, requests: 384, amount: 90_000n },
] as const)(
  'PAY-16 PAY-17 IDX-15 pays $amount although $pairs who conspire freeze all that they can, $first first',
  async ({ pairs, first, credits, requests, amount }) => {
    const jam = await createJam(pairs)
    const { world, alice, carol, bob } = jam
    await freezeAll(jam, first)
    const frozen = carol.currency(bob).localPending
    expect(BigInt(frozen)).toBeGreaterThanOrEqual(credits)
    expect(carol.core?.state.friend(bob.publicKey).pendingOut.size).toBeGreaterThanOrEqual(requests)

    const id = alice.newId()
    const order = { destination: bob.publicKey, currency: 'credit', amount: String(amount) }
    const { routes } = await world.settled(alice.call('payments.quote', order))
    expect(routes[0]?.nodes).toEqual([alice, carol, bob].map(({ publicKey }) => publicKey))
    await world.settled(alice.call('payments.pay', { id, maxFees: '1', ...order }))
    await world.until('the payment is over', () => alice.payment(id)?.finished !== undefined)
    expect(alice.payment(id)).toMatchObject({ state: 'paid', fees: '1', attempts: 1 })
    await world.run(2_000)
    expect(carol.currency(bob)).toMatchObject({ balance: String(-amount), localPending: frozen })
  },
  60_000,
)
