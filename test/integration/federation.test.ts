// Three index servers in a line, each with one node, as processes; and neighbours of the last one that lie.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readForm } from '../../cli/files.ts'
import { systemClock, systemRandom } from '../../cli/system.ts'
import { dialWebSocket } from '../../cli/ws-dialler.ts'
import type { FederationStats, IndexStats } from '../../index-server/server.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import {
  FEDERATION_PROLOGUE,
  federationMessage,
  hashOfList,
  type FederationMessage,
  type HashList,
} from '../../protocol/federation-messages.ts'
import { toToml } from '../../protocol/forms.ts'
import {
  fromIndex,
  INDEX_PROLOGUE,
  toIndex,
  update,
  updateBytes,
  type Query,
  type Update,
} from '../../protocol/index-messages.ts'
import type { Currency, PublicKey, RequestId } from '../../protocol/types.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { LinkClient } from '../support/link-client.ts'
import { doneHere, prepareNodeHere, runHere } from '../support/in-process.ts'
import { DONE, type Outcome, type RunningProgram } from '../support/program.ts'
import { freeAddress, says, Tutorial } from '../support/tutorial.ts'

/** A whole payment among processes on a slow machine. */
const SLOW_MS = 180_000
const CREDIT = 'credit' as Currency
const NODES = [0, 1, 2] as const
const [liar, flooder, ghost] = [7, 8, 9].map((seed) =>
  nobleProvider.signer(new Uint8Array(32).fill(seed)),
) as [Signer, Signer, Signer]

const HOME = process.cwd()
const tutorial = new Tutorial()
const places: { readonly lclient: string; readonly lserver: string }[] = []
const servers: RunningProgram[] = []

beforeAll(async () => {
  process.chdir(tutorial.folder)
  for (const number of NODES) {
    mkdirSync(join(tutorial.folder, `trusted${number}`))
    places.push({ lclient: await freeAddress(), lserver: await freeAddress() })
    await doneHere(`stmgr gen-ident --output index${number}.ident`)
  }
  for (const [number, neighbour] of [
    [0, 1],
    [1, 0],
    [1, 2],
    [2, 1],
  ] as const) {
    await doneHere(
      `stmgr index-ticket --idfile index${neighbour}.ident --address ${places[neighbour]!.lserver} --output trusted${number}/index${neighbour}.ticket`,
    )
  }
  for (const [name, { publicKey }] of Object.entries({ liar, flooder })) {
    const ticket = toToml({ kind: 'index', ticket: { publicKey, address: '127.0.0.1:1' } })
    writeFileSync(join(tutorial.folder, `trusted2/${name}.ticket`), ticket)
  }
  for (const number of NODES) servers.push(await startServer(number))
}, SLOW_MS)
afterAll(() => {
  process.chdir(HOME)
  return tutorial.end()
})

async function startServer(number: number): Promise<RunningProgram> {
  const { lclient, lserver } = places[number]!
  const server = tutorial.start(
    `stindex --idfile index${number}.ident --lclient ${lclient} --lserver ${lserver} --trusted trusted${number} --output index${number}.ticket`,
  )
  await server.says(/listens on/)
  return server
}

async function stats(number: number): Promise<IndexStats & { federation: FederationStats }> {
  const answer = await fetch(`http://${places[number]!.lclient}/healthz`)
  return (await answer.json()) as IndexStats & { federation: FederationStats }
}

async function until(
  number: number,
  isSo: (is: IndexStats & { federation: FederationStats }) => boolean,
): Promise<void> {
  while (!isSo(await stats(number))) await new Promise((resolve) => setTimeout(resolve, 100))
}

/** The key of a server, as a neighbour sees it. */
async function keyOf(number: number): Promise<PublicKey> {
  const form = await readForm(`index${number}.ticket`, 'index')
  if (!form.ok) throw new Error(form.error.message)
  return form.value.ticket.publicKey
}

/** `stctrl` as the app of node `number`: in this process, which takes a moment instead of seconds. */
function control(number: number, command: string): Promise<Outcome> {
  return runHere(`stctrl -I app${number}/app${number}.ident -T node${number}/node${number}.ticket ${command}`)
}

async function configure(number: number, command: string): Promise<void> {
  expect(await control(number, command), `node${number} ${command}`).toEqual(DONE)
}

async function publicKeyOf(number: number): Promise<PublicKey> {
  return (await control(number, 'info public-key')).out.trim() as PublicKey
}

/** Repeats a command until it answers as expected: what others have to hear of takes a moment. */
async function controlUntil(number: number, command: string, expected: Outcome): Promise<void> {
  let outcome = await control(number, command)
  for (let left = 100; left > 0 && outcome.out !== expected.out; left--) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    outcome = await control(number, command)
  }
  expect(outcome, `node${number} ${command}`).toEqual(expected)
}

describe('three index servers in a line', () => {
  it('IDX-16 meet, each with its neighbours', async () => {
    await until(0, ({ federation }) => federation.connected === 1)
    await until(1, ({ federation }) => federation.connected === 2)
    await until(2, ({ federation }) => federation.connected === 1)
  })

  it(
    'IDX-19 find the way of a payment over nodes of all three',
    async () => {
      const relay = tutorial.start('strelay --idfile relay.ident --laddr 127.0.0.1:0 --output relay.ticket')
      await relay.says(/^offst/)
      for (const number of NODES) {
        const address = await freeAddress()
        await prepareNodeHere(number, address, '--pconfig --pfunds --proutes')
        await tutorial.startNode(number, address)
        await configure(number, 'config add-relay -n relay -r relay.ticket')
        await configure(number, `config add-index -n index -i index${number}.ticket`)
        await configure(number, `info export-ticket -o node${number}.friend`)
      }
      for (const [one, other] of [
        [0, 1],
        [1, 0],
        [1, 2],
        [2, 1],
      ] as const) {
        await configure(one, `config add-friend -n node${other} -f node${other}.friend`)
        await configure(one, `config enable-friend -n node${other}`)
        await configure(one, `config open-friend -n node${other}`)
        await configure(one, `config set-friend-max-debt -n node${other} -m 100`)
      }
      for (const number of NODES) await until(number, ({ nodes, clients }) => nodes === 3 && clients === 1)
      await pay('first')
      await controlUntil(2, 'info balance', says('30'))
    },
    SLOW_MS,
  )

  it(
    'IDX-19 share again after the middle one was killed and started anew',
    async () => {
      await servers[1]!.ends('SIGKILL')
      await until(0, ({ federation }) => federation.connected === 0)
      servers[1] = await startServer(1)
      for (const number of NODES) await until(number, ({ nodes }) => nodes === 3)
      expect((await stats(1)).federation).toMatchObject({
        connected: 2,
        badProof: 0,
        badSignature: 0,
        malformed: 0,
      })
      await pay('second')
      await controlUntil(2, 'info balance', says('60'))
    },
    SLOW_MS,
  )
})

async function pay(name: string): Promise<void> {
  const seller = await publicKeyOf(2)
  await doneHere(`stregister gen-invoice -a 30 -p ${seller} -o ${name}.invoice`)
  await controlUntil(
    0,
    `funds pay-invoice -i ${name}.invoice -r ${name}.receipt`,
    says('Payment successful!', 'Fees: 1'),
  )
}

/** A listed server that does what it likes. */
class Hostile {
  readonly link: LinkClient<FederationMessage, FederationMessage>
  #list: HashList | undefined

  private constructor(link: LinkClient<FederationMessage, FederationMessage>) {
    this.link = link
  }

  static async join(signer: Signer): Promise<Hostile> {
    const link = new LinkClient({
      socket: await dialWebSocket(`ws://${places[2]!.lserver}`),
      clock: systemClock,
      random: systemRandom,
      signer,
      server: await keyOf(2),
      prologue: FEDERATION_PROLOGUE,
      says: federationMessage,
      hears: federationMessage,
    })
    await link.until(() => link.heard.length > 0)
    return new Hostile(link)
  }

  /** What a node would sign for this server now; the proof is a good one. */
  sign(content: Partial<Update>, signer = ghost): FederationMessage {
    const heard = this.link.heard.findLast((message) => message.kind === 'freshness')
    if (this.#list === undefined || heard !== undefined) {
      this.#list = { random: systemRandom(32), neighbours: heard === undefined ? [] : [heard.hash] }
    }
    const body = update.encode({
      node: ghost.publicKey,
      session: toBase64url(systemRandom(16)) as RequestId,
      counter: 1,
      freshness: hashOfList(this.#list),
      full: true,
      edges: [],
      ...content,
    })
    const signature = signer.sign(updateBytes(body))
    return { kind: 'update', body, signature, chain: [this.#list], digest: undefined }
  }
}

describe('a listed server that lies', () => {
  let hostile: Hostile

  it('IDX-4 gets no edge by the word of one node alone', async () => {
    hostile = await Hostile.join(liar)
    const friend = await publicKeyOf(2)
    const edge = { friend, currency: CREDIT, capacity: 1_000n, rate: { mul: 0, add: 0 } }
    hostile.link.say(hostile.sign({ edges: [edge] }))
    await until(2, ({ nodes }) => nodes === 4)
    const client = new LinkClient({
      socket: await dialWebSocket(`ws://${places[2]!.lclient}`),
      clock: systemClock,
      random: systemRandom,
      signer: flooder,
      server: await keyOf(2),
      prologue: INDEX_PROLOGUE,
      says: toIndex,
      hears: fromIndex,
    })
    await client.until(() => client.heard.length > 0)
    const query: Query = {
      id: 1,
      currency: CREDIT,
      amount: 1n,
      source: friend,
      destination: ghost.publicKey,
      excludedNodes: [],
      excludedEdges: [],
      rooms: [],
      maxParts: 1,
    }
    client.say({ kind: 'query', ...query })
    await client.until(() => client.heard.some(({ kind }) => kind !== 'freshness'))
    expect(client.heard.find(({ kind }) => kind !== 'freshness')).toMatchObject({ kind: 'noRoute' })
    client.link.close()
  })

  it('IDX-17 gets nowhere with what was said before', async () => {
    const { duplicates } = (await stats(2)).federation
    const old = hostile.sign({})
    hostile.link.say(old)
    hostile.link.say(old)
    await until(2, ({ federation }) => federation.duplicates > duplicates)
    hostile.link.say(hostile.sign({}))
    hostile.link.say(old)
    await until(2, ({ federation }) => federation.stale === 1)
  })

  it('IDX-21 is cut off for a wrong signature', async () => {
    hostile.link.take()
    hostile.link.say(hostile.sign({}, liar))
    await hostile.link.until(() => hostile.link.ended !== undefined)
    expect(hostile.link.heard.at(-1)).toEqual({ kind: 'parting', reason: 'misbehaved' })
    expect((await stats(2)).federation).toMatchObject({ badSignature: 1, connected: 1 })
    const again = await Hostile.join(liar)
    expect(again.link.heard).toEqual([{ kind: 'parting', reason: 'misbehaved' }])
  })

  it('IDX-21 is cut off for a flood', async () => {
    const flood = await Hostile.join(flooder)
    const [hash] = flood.link.take()
    while (flood.link.ended === undefined) {
      flood.link.say(hash!)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await stats(2)).federation).toMatchObject({ tooFast: 1, connected: 1 })
    expect(servers[2]!.lines).toContain('flooder.ticket: cut off for a minute, because it sent too much.')
  })

  it(
    'IDX-19 has kept nobody from paying',
    async () => {
      for (const number of NODES.slice(0, 2)) {
        expect((await stats(number)).federation).toMatchObject({
          badProof: 0,
          badSignature: 0,
          malformed: 0,
          tooFast: 0,
        })
      }
      await pay('third')
      await controlUntil(2, 'info balance', says('90'))
    },
    SLOW_MS,
  )
})
