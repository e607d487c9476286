// Beyond the tutorial's main line: what an app may not, what becomes of one that is no longer trusted, and a
// payment through a third node, all as processes.

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freeAddress, says, Tutorial } from '../support/tutorial.ts'

const NODES = [0, 1, 2] as const
/** Nobody's here. */
const KEY = 'TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw'
let tutorial: Tutorial

beforeAll(async () => {
  tutorial = new Tutorial()
  for (const number of NODES) {
    const address = await freeAddress()
    tutorial.prepareNode(number, address)
    await tutorial.startNode(number, address)
  }
})
afterAll(() => tutorial.end())

it('CLI-6 refuses an app what its ticket does not say, and the node goes on', async () => {
  tutorial.quietly('stmgr gen-ident --output reader.ident')
  tutorial.quietly('stmgr app-ticket --idfile reader.ident --pread --output node0/trusted/reader.ticket')
  const read = 'stctrl -I reader.ident -T node0/node0.ticket'
  expect(tutorial.run(`${read} info friends`)).toEqual(says('No configured friends.'))
  const before = tutorial.control(0, 'info relays')
  await startServer('relay')
  expect(tutorial.run(`${read} config add-relay -n relay -r relay.ticket`)).toEqual({
    code: 1,
    out: '',
    error: 'stctrl: This app may not call servers.addRelay: it lacks the permission config.\n',
  })
  const payment = tutorial.run(`${read} funds send-funds -a 1 -d ${KEY}`)
  expect(payment).toMatchObject({ code: 1, error: expect.stringContaining('the permission funds') })
  expect(tutorial.control(0, 'info relays')).toEqual(before)
})

it('CLI-5 CLI-9 ends an app in the middle of a call when its ticket is taken away, and takes it back later', async () => {
  // With a friend who is away and an index server that does not answer, it searches for longer than this test waits.
  tutorial.configure(2, 'info export-ticket -o away.friend')
  tutorial.configure(0, 'config add-friend -n away -f away.friend')
  tutorial.quietly('stmgr gen-ident --output gone.ident')
  const address = await freeAddress()
  tutorial.quietly(`stmgr index-ticket --idfile gone.ident --address ${address} --output gone.ticket`)
  tutorial.configure(0, 'config add-index -n gone -i gone.ticket')
  const paying = tutorial.start(
    `stctrl -I app0/app0.ident -T node0/node0.ticket funds send-funds -a 1 -d ${KEY} --timeout 600`,
  )
  const state = await tutorial.follow(0, 'reader.ident')
  await state.until(() => state.payments.size || undefined, 30_000)
  const [trusted, away] = ['node0/trusted/app0.ticket', 'app0.ticket'].map((path) =>
    join(tutorial.folder, path),
  )
  renameSync(trusted ?? '', away ?? '')
  expect(await paying.says(/./)).toBe(
    "stctrl: The node's owner has changed what this app may do: connect again. The payment goes on in the node, " +
      'and may still succeed: do not pay it twice.',
  )
  expect(await paying.exitCode()).toBe(1)
  expect(tutorial.control(0, 'info balance')).toMatchObject({
    code: 1,
    error: expect.stringContaining('does not know this app'),
  })
  renameSync(away ?? '', trusted ?? '')
  expect(tutorial.control(0, 'info balance')).toEqual(says('0'))

  const late = tutorial.control(0, `funds send-funds -a 1 -d ${KEY} --timeout 1`)
  expect(late).toMatchObject({
    code: 1,
    error: expect.stringContaining('it took more than 1 s; nothing was paid'),
  })
  tutorial.configure(0, 'config remove-index -n gone')
  tutorial.configure(0, 'config remove-friend -n away')
})

it('CLI-9 pays through a friend of both, who earns one credit', async () => {
  await startServer('index')
  for (const number of NODES) {
    tutorial.configure(number, 'config add-relay -n relay -r relay.ticket')
    tutorial.configure(number, 'config add-index -n index -i index.ticket')
    tutorial.configure(number, `info export-ticket -o node${number}.friend`)
  }
  for (const [one, other] of [
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 1],
  ] as const) {
    tutorial.configure(one, `config add-friend -n node${other} -f node${other}.friend`)
    tutorial.configure(one, `config enable-friend -n node${other}`)
    tutorial.configure(one, `config open-friend -n node${other}`)
    tutorial.configure(one, `config set-friend-max-debt -n node${other} -m 100`)
  }
  const seller = tutorial.control(2, 'info public-key').out.trim()
  tutorial.quietly(`stregister gen-invoice -a 60 -p ${seller} -o bananas.invoice`)
  // Until the index server has heard of both friendships there is no route.
  await tutorial.controlUntil(
    0,
    'funds pay-invoice -i bananas.invoice -r bananas.receipt',
    says('Payment successful!', 'Fees: 1'),
  )
  expect(tutorial.run('stregister verify-receipt -i bananas.invoice -r bananas.receipt')).toEqual(
    says('Receipt is valid!'),
  )
  expect(tutorial.control(0, 'info balance')).toEqual(says('-61'))
  await tutorial.controlUntil(1, 'info balance', says('1'))
  await tutorial.controlUntil(2, 'info balance', says('60'))
})

it('CLI-9 says why a payment cannot be, and nothing is owed for it', () => {
  const seller = tutorial.control(2, 'info public-key').out.trim()
  const tooMuch = tutorial.control(0, `funds send-funds -a 1000 -d ${seller}`)
  expect(tooMuch).toMatchObject({ code: 1, out: '' })
  expect(tooMuch.error).toMatch(/^stctrl: Payment failed: .*\.\n$/)
  const tooDear = tutorial.control(0, `funds send-funds -a 5 -d ${seller} --max-fee 0`)
  expect(tooDear.error).toBe(
    'stctrl: Payment failed: The way there costs 1 in fees, and you allowed 0. Raise the maximum fee.\n',
  )
  expect(tutorial.control(0, 'info balance')).toEqual(says('-61'))
})

/** Starts a relay or an index server, with its ticket in the test's folder. */
async function startServer(kind: 'relay' | 'index'): Promise<void> {
  const [program, option] = kind === 'relay' ? ['strelay', 'laddr'] : ['stindex', 'lclient']
  const server = tutorial.start(
    `${program} --idfile ${kind}.ident --${option} 127.0.0.1:0 --output ${kind}.ticket`,
  )
  await server.says(/^offst/)
}
