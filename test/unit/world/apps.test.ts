// An app drives a card over the relay at which the card listens, as long as the card's owner lets it.

import { expect, it } from 'vitest'
import { CardState } from '../../../client/card-state.ts'
import { NodeClient } from '../../../client/client.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import type { Result } from '../../../protocol/result.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
import { ServedCard } from '../../../worker/shell/served-card.ts'
import type { ParamsOf, PaymentView } from '../../../worker/api.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { createTrio, untilReady, type Trio } from './trio.ts'

type Permissions = ParamsOf<'apps.accept'>['permissions']

const FUNDS: Permissions = ['read', 'routes', 'funds']

/** The trio, in which apps can reach Alice's card. */
async function createServed(seed: string): Promise<Trio> {
  const trio = await createTrio(seed)
  trio.alice.crash()
  trio.alice.device.createNode = (options) => new ServedCard(options)
  trio.alice.boot()
  await untilReady(trio)
  return trio
}

class TestApp {
  readonly signer: Signer
  readonly #trio: Trio
  readonly #name: string

  constructor(trio: Trio, name = 'app') {
    this.#trio = trio
    this.#name = name
    this.signer = nodeProvider.signer(seededRandom(`identity of ${name}`)(32))
  }

  async accept(permissions: Permissions, budgets: ParamsOf<'apps.accept'>['budgets'] = []): Promise<void> {
    const { world, alice } = this.#trio
    const { publicKey: app } = this.signer
    await world.settled(alice.call('apps.accept', { app, name: this.#name, permissions, budgets }))
    await world.run(1_000)
  }

  /** Connects over the relay. */
  async connect(): Promise<Result<NodeClient>> {
    const { world, alice, relay } = this.#trio
    return world.settled(
      NodeClient.connect({
        ticket: { publicKey: alice.publicKey, relays: [relay] },
        signer: this.signer,
        crypto: nodeProvider,
        connect: world.network.connectAs(this.#name),
        clock: world.clock,
        random: seededRandom(`${this.#name} at ${world.clock.now()}`),
      }),
    )
  }

  async client(): Promise<NodeClient> {
    const connected = await this.connect()
    if (!connected.ok) throw new Error(connected.error.message)
    return connected.value
  }
}

function order({ bob, alice }: Trio, amount: string): ParamsOf<'payments.pay'> {
  return { id: alice.newId(), destination: bob.publicKey, currency: 'credit', amount, maxFees: '1' }
}

it('APP-16 pays over the relay, sees the payment to its end, and the owner sees whose it was', async () => {
  const trio = await createServed('app pays')
  const { world, alice } = trio
  const app = new TestApp(trio)
  await app.accept(FUNDS)
  const client = await app.client()
  const state = await world.settled(CardState.follow(client, world.clock))
  if (!state.ok) throw new Error(state.error.message)
  const ordered = order(trio, '20')
  expect(await world.settled(client.call('payments.pay', ordered))).toMatchObject({ ok: true })
  const isPaid = (): PaymentView | undefined => {
    const payment = state.value.payments.get(ordered.id)
    return payment?.state === 'paid' ? payment : undefined
  }
  expect(await world.settled(state.value.until(isPaid, 30_000))).toMatchObject({
    ok: true,
    value: { fees: '1' },
  })
  expect(alice.payment(ordered.id)).toMatchObject({ app: app.signer.publicKey })
  expect(alice.view('apps', app.signer.publicKey)).toMatchObject({
    name: 'app',
    seen: expect.any(Number) as number,
  })
})

it('APP-4 APP-14 is refused what it may not and what is over its budget, and goes on', async () => {
  const trio = await createServed('app may not')
  const { world, alice } = trio
  const app = new TestApp(trio)
  await app.accept(FUNDS, [{ currency: 'credit', amount: '30', period: 'day' }])
  const client = await app.client()
  const refusal = async (calling: Promise<Result<unknown>>) => {
    const result = await world.settled(calling)
    return result.ok ? 'done' : result.error.code
  }
  expect(await refusal(client.call('card.rename', { name: 'mine' }))).toBe('forbidden')
  const { publicKey } = app.signer
  const more = { app: publicKey, name: 'app', permissions: FUNDS, budgets: [] }
  expect(await refusal(client.call('apps.accept', more))).toBe('forbidden')
  expect(await refusal(client.call('payments.pay', order(trio, '30')))).toBe('budget')
  expect(await refusal(client.call('payments.pay', order(trio, '29')))).toBe('done')
  expect(await refusal(client.call('payments.pay', order(trio, '1')))).toBe('budget')
  expect(alice.all('card')[0]).toMatchObject({ name: 'alice', state: 'running' })
})

it('APP-15 is disconnected at once when the owner takes its permission back, and stays out', async () => {
  const trio = await createServed('app revoked')
  const { world, alice } = trio
  const app = new TestApp(trio)
  await app.accept(FUNDS)
  const client = await app.client()
  const lost: string[] = []
  client.onLost = ({ code }) => lost.push(code)
  await world.settled(alice.call('apps.revoke', { app: app.signer.publicKey }))
  expect(await world.settled(client.call('payments.pay', order(trio, '1')))).toMatchObject({ ok: false })
  await world.run(1_000)
  expect(lost).toHaveLength(1)
  expect(await app.connect()).toMatchObject({ ok: false, error: { code: 'offline' } })
  expect(alice.all('payments')).toEqual([])
})

it('APP-16 does not answer an app that nobody has accepted', async () => {
  const trio = await createServed('stranger')
  const connected = await new TestApp(trio, 'stranger').connect()
  expect(connected).toMatchObject({
    ok: false,
    error: { code: 'offline', message: expect.stringMatching('has not accepted this app') as string },
  })
})

it('APP-16 is told when the card goes, and comes back when it does', async () => {
  const trio = await createServed('card goes')
  const { world, alice } = trio
  const app = new TestApp(trio)
  await app.accept(FUNDS)
  const client = await app.client()
  const lost: string[] = []
  client.onLost = ({ code }) => lost.push(code)
  alice.crash()
  await world.run(1_000)
  expect(lost).toEqual(['offline'])
  expect(await app.connect()).toMatchObject({ ok: false, error: { code: 'offline' } })
  alice.boot()
  await world.run(5_000)
  const again = await app.client()
  expect(await world.settled(again.call('payments.pay', order(trio, '1')))).toMatchObject({ ok: true })
})

it('APP-16 serves several apps at once, and each only its own', async () => {
  const trio = await createServed('two apps')
  const { world } = trio
  const [one, other] = [new TestApp(trio, 'one'), new TestApp(trio, 'other')]
  await one.accept(['read'])
  await other.accept(FUNDS)
  const clients = [await one.client(), await other.client()] as const
  const orders = clients.map((client) => client.call('payments.pay', order(trio, '1')))
  const results = await world.settled(Promise.all(orders))
  expect(results.map((result) => (result.ok ? 'done' : result.error.code))).toEqual(['forbidden', 'done'])
})
