// The card of a headless node, held elsewhere by the ticket that stmgr makes: as long as its app ticket lies there.

import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunningNode } from '../../cli/node/run.ts'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { dialWebSocket } from '../../cli/ws-dialler.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { readAs, type RemoteTicket } from '../../protocol/forms.ts'
import { fromBase64url } from '../../protocol/wire.ts'
import { RemoteCard } from '../../worker/shell/remote-card.ts'
import { enterFolder, prepareNodeHere, runHere, startNodeHere } from '../support/in-process.ts'
import { DONE } from '../support/program.ts'
import { freeAddress } from '../support/tutorial.ts'

const MAKE = 'stmgr remote-card-ticket --ticket node0/node0.ticket --trusted node0/trusted'

let leave: () => Promise<void>
let address: string
let node: RunningNode
let card: RemoteCard

beforeAll(async () => {
  leave = await enterFolder()
  address = await freeAddress()
  await prepareNodeHere(0, address, '--pconfig')
  node = await startNodeHere(0, address)
})

afterAll(async () => {
  await card.stop()
  await node.stop()
  await leave()
})

function read(text: string | Uint8Array): RemoteTicket {
  const form = readAs(text, 'remote')
  if (!form.ok) throw new Error(form.error.message)
  return form.value.ticket
}

async function appTicket(name: string) {
  return readAs(await readFile(`node0/trusted/${name}.ticket`), 'app')
}

async function until(isSo: () => boolean): Promise<void> {
  for (let left = 300; left > 0 && !isSo(); left--) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(isSo(), JSON.stringify(card.card())).toBe(true)
}

it('CLI-27 shows the ticket with its QR code, and lets its app in with all permissions', async () => {
  const { code, out, error } = await runHere(MAKE)
  expect({ code, error }).toEqual({ code: 0, error: '' })
  const [text = '', ...drawn] = out.split('\n')
  expect(drawn.length).toBeGreaterThan(20)
  const ticket = read(text)
  expect(ticket).toMatchObject({ address, relays: [] })
  const signer = nobleProvider.signer(fromBase64url(ticket.secretKey))
  expect(await appTicket('remote-card')).toMatchObject({
    value: {
      ticket: { publicKey: signer.publicKey, permissions: ['read', 'config', 'routes', 'funds', 'sell'] },
    },
  })
  const world = { crypto: nobleProvider, clock: systemClock, random: systemRandom, connect: dialWebSocket }
  card = new RemoteCard({ ...world, place: ticket, signer, name: 'mine', created: 1 })
  card.start()
  await until(() => card.card().state === 'running')
  expect(await card.call('card.rename', { name: 'held' })).toMatchObject({ ok: true })
  await until(() => card.card().name === 'held')
})

it('APP-19 says that the node is away, and is there again when it is', async () => {
  await node.stop()
  await until(() => card.card().fault?.code === 'unreachable')
  expect(card.card()).toMatchObject({ name: 'held', state: 'reaching' })
  node = await startNodeHere(0, address)
  await until(() => card.card().state === 'running')
})

it('CLI-5 APP-19 is out at once when its app ticket is taken away', async () => {
  await rm('node0/trusted/remote-card.ticket')
  await until(() => card.card().fault?.code === 'revoked')
  expect(card.card().state).toBe('stopped')
})

it('CLI-27 writes the ticket for its owner only, with the permissions and the budget that are asked for', async () => {
  expect(await runHere(`${MAKE} --name phone --pfunds --budget credit:30/week -o phone.remote`)).toEqual(DONE)
  expect((await stat('phone.remote')).mode & 0o777).toBe(0o600)
  const { secretKey } = read(await readFile('phone.remote'))
  expect(await appTicket('phone')).toMatchObject({
    value: {
      ticket: {
        publicKey: nobleProvider.signer(fromBase64url(secretKey)).publicKey,
        permissions: ['read', 'funds'],
        budgets: [{ currency: 'credit', amount: 30n, period: 'week' }],
      },
    },
  })
  const shown = await runHere('offst ticket show phone.remote')
  expect(shown.out).toMatch(/This is a remote card ticket[^]*secret +keep it/)
})

it.each([
  [1, `${MAKE} --name phone -o other.remote`, /phone\.ticket exists already/],
  [1, `${MAKE} --name tablet -o phone.remote`, /phone\.remote exists already/],
  [1, 'stmgr remote-card-ticket -T node0/node0.ticket --trusted nowhere -o x.remote', /does not exist/],
  [1, 'stmgr remote-card-ticket -T phone.remote --trusted node0/trusted', /not a node ticket/],
  [2, `${MAKE} --name ../phone`, /leave out slashes/],
  [2, `${MAKE} --budget lots`, /is not like credit:1000\/day/],
])('CLI-11 CLI-27 ends with %d and one sentence, and makes nothing: %s', async (code, command, message) => {
  const before = [await readdir('.'), await readdir('node0/trusted')]
  const outcome = await runHere(command)
  expect(outcome).toMatchObject({ code, out: '' })
  expect(outcome.error).toMatch(message)
  expect([await readdir('.'), await readdir('node0/trusted')]).toEqual(before)
})
