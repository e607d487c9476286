// A whole node as a hostile app meets it: calls over a real link to a real card, of which each gets one answer.

import * as v from 'valibot'
import { oneCard } from '../../../worker/shell/one-card.ts'
import { APP_PROLOGUE } from '../../../protocol/app-link.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { MESSAGE_BYTES_MAX } from '../../../protocol/limits.ts'
import { linkIdentity } from '../../../protocol/link.ts'
import { openLink, type LinkSocket } from '../../../protocol/link-socket.ts'
import { NodeMessage, TakenMessage, type MethodName } from '../../../worker/api.ts'
import { newCard } from '../../../worker/core/core.ts'
import { asyncVerifier } from '../../../worker/runtime/crypto/verifier.ts'
import { CardNode } from '../../../worker/runtime/node.ts'
import { AppLinks, type AppPermissions } from '../../../worker/shell/app-links.ts'
import { APP_CALL_BYTES_MAX } from '../../../worker/shell/limits.ts'
import { MemorySocket } from '../../support/memory-socket.ts'
import { MemoryStore } from '../../support/memory-store.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { defineTarget, demand, type FuzzTarget, type Outcome } from '../fuzzer.ts'
import { mutateBytes } from '../mutate.ts'
import { mutateValue } from '../mutate-value.ts'
import { toHex } from './codec.ts'
import { CALLS, METHODS } from './calls.ts'
import { signerOf } from './samples.ts'

const EVERYTHING: AppPermissions = new Set(['read', 'config', 'routes', 'funds', 'sell'])
/** Messages after which the node is a new one: it remembers what it was asked. */
const MESSAGES_MAX = 300
/** An answer comes in this time, or never. */
const ANSWER_MS_MAX = 120_000
const nodeSigner = signerOf(8)
const appSigner = signerOf(9)

class HostedApp {
  readonly #clock = new VirtualClock()
  readonly #heard: NodeMessage[] = []
  #ended: string | undefined
  readonly #node: CardNode
  readonly #link: LinkSocket
  messages = 0

  private constructor(store: MemoryStore) {
    const environment = {
      signer: nodeSigner,
      crypto: nobleProvider,
      clock: this.#clock,
      random: seededRandom('fuzzed node'),
    }
    this.#node = new CardNode({
      ...environment,
      store,
      asyncVerifier: asyncVerifier(nobleProvider),
      connect: () => Promise.reject(new Error('there is no network')),
    })
    const links = new AppLinks({
      ...environment,
      host: oneCard(this.#node),
      permissionsOf: async () => EVERYTHING,
      onSeen: () => undefined,
    })
    const [mine, theirs] = MemorySocket.pair(this.#clock)
    links.accept(theirs)
    this.#link = openLink({
      ...environment,
      socket: mine,
      identity: linkIdentity(appSigner, environment.random(32), nobleProvider),
      role: 'initiator',
      expect: nodeSigner.publicKey,
      prologue: APP_PROLOGUE,
      onOpen: () => undefined,
      onMessage: (message) => this.#hear(message),
      onClose: ({ code }) => (this.#ended = code),
    })
  }

  static async start(): Promise<HostedApp> {
    const store = new MemoryStore()
    const { publicKey } = nodeSigner
    await store.commit(newCard({ publicKey, name: 'node', now: 1, relays: [], indexServers: [] }))
    const app = new HostedApp(store)
    app.#node.start()
    for (let step = 0; step < 20; step++) await app.#passes(5)
    demand(app.#link.isOpen, 'the app did not get in')
    const added = await app.ask(callOf('friends.add', CALLS['friends.add'][0]))
    demand(added !== undefined && 'result' in added, 'the friend was not added')
    return app
  }

  /** What the node answers to one message, undefined if there is to be no answer. */
  async ask(message: Uint8Array): Promise<Extract<NodeMessage, { id: number }> | undefined> {
    this.messages += 1
    this.#heard.splice(0)
    this.#link.send(message)
    this.#clock.advance(3)
    const isCall = !v.is(TakenMessage, parseJson(message))
    for (let passed = 0; isCall && this.#answers().length === 0;) {
      demand(passed <= ANSWER_MS_MAX, 'there is no answer')
      const span = passed < 100 ? 3 : 500
      await this.#passes(span)
      passed += span
    }
    demand(this.#ended === undefined, `the app was disconnected: ${this.#ended}`)
    const answers = this.#answers()
    demand(answers.length === Number(isCall), `${answers.length} answers to one message`)
    return answers[0]
  }

  #answers() {
    return this.#heard.filter((message) => 'id' in message)
  }

  async #passes(span_ms: number): Promise<void> {
    this.#clock.advance(span_ms)
    await new Promise((resolve) => setImmediate(resolve))
  }

  #hear(bytes: Uint8Array): void {
    demand(bytes.length <= MESSAGE_BYTES_MAX, `an answer of ${bytes.length} bytes`)
    this.#heard.push(v.parse(NodeMessage, JSON.parse(new TextDecoder().decode(bytes))))
  }
}

let current: HostedApp | undefined

async function decode(input: Uint8Array): Promise<Outcome> {
  const app = (current ??= await HostedApp.start())
  try {
    const answer = await app.ask(input)
    if (app.messages >= MESSAGES_MAX) current = undefined
    if (answer === undefined) return { accepted: true, shape: 'taken' }
    if ('result' in answer) return { accepted: true, shape: methodOf(input) }
    demand(answer.error.code !== 'internal', `an exception was caught on its way: ${answer.error.message}`)
    return { accepted: false, fault: answer.error }
  } catch (error) {
    current = undefined
    throw error
  }
}

function methodOf(input: Uint8Array): string {
  const call = parseJson(input)
  return typeof call === 'object' && call !== null && 'method' in call ? String(call.method) : 'nothing'
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function callOf(method: MethodName, params: unknown, id = 1): Uint8Array {
  return encode({ id, card: nodeSigner.publicKey, method, params })
}

function encode(message: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message))
}

export const appTarget: FuzzTarget = defineTarget<Uint8Array>({
  name: 'app-message',
  cost: 20,
  seeds: [
    callOf('card.ticket', {}),
    callOf('state.subscribe', {}),
    callOf('friends.rename', CALLS['friends.rename'][0]),
    encode({ taken: 0 }),
  ],
  mutate: (random, input, other) => {
    if (random.once(3)) return mutateBytes(random, input, other, APP_CALL_BYTES_MAX)
    if (random.once(2)) {
      const method = random.pick(METHODS)
      const params = mutateValue(random, random.pick<unknown>(CALLS[method]), {})
      return callOf(method, params, random.below(1_000))
    }
    const mutated = encode(mutateValue(random, parseJson(input) ?? {}, parseJson(other) ?? {}))
    // A longer message ends the link before it is any call (NOI).
    return mutated.length > APP_CALL_BYTES_MAX ? input : mutated
  },
  decode,
  sizeOf: (input) => input.length,
  show: toHex,
})
