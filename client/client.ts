// A node's app API for programs under Node.js: connects as an app, calls methods and hears of changes. Calls and
// answers are checked against worker/api.ts on this side too.

import * as v from 'valibot'
import type { LinkCrypto, Signer } from '../protocol/crypto.ts'
import { addressToUrl, type ServerTicket } from '../protocol/forms.ts'
import { linkIdentity } from '../protocol/link.ts'
import { openLink, type LinkSocket } from '../protocol/link-socket.ts'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock, Connect, Random, Socket } from '../protocol/transport.ts'
import type { PublicKey } from '../protocol/types.ts'
import {
  APP_PROLOGUE,
  methods,
  NodeMessage,
  type CallMessage,
  type MethodName,
  type ParamsOf,
  type ResultOf,
} from '../worker/api.ts'

/** A node that does not answer a call by then is given up; a quote of a route takes the longest. */
const ANSWER_MS_MAX = 30_000

export interface NodeClientOptions {
  /** The node, by its ticket. */
  readonly ticket: ServerTicket
  /** The app's identity, whose ticket the node's owner has accepted. */
  readonly signer: Signer
  readonly crypto: LinkCrypto
  readonly connect: Connect
  readonly clock: Clock
  readonly random: Random
}

export type StateChanges = Extract<NodeMessage, { event: 'change' }>['changes']

interface OpenCall {
  readonly settle: (result: Result<unknown>) => void
}

/** The events follow `state.subscribe`. */
export class NodeClient {
  /** The card that the node keeps. */
  readonly card: PublicKey
  onChange: (changes: StateChanges) => void = () => undefined
  /** All of the state has been told. */
  onSynced: () => void = () => undefined
  /** The connection ended otherwise than by `close`; every call from now on fails so. */
  onLost: (fault: Fault) => void = () => undefined

  readonly #clock: Clock
  readonly #link: LinkSocket
  readonly #calls = new Map<number, OpenCall>()
  #nextId = 1
  /** `change` events since the beginning. */
  #taken = 0
  /** What the node said before it ended the connection. */
  #refusal: Fault | undefined
  #lost: Fault | undefined

  private constructor(options: NodeClientOptions, socket: Socket, opened: (result: Result<void>) => void) {
    const { ticket, signer, crypto, clock, random } = options
    this.card = ticket.publicKey
    this.#clock = clock
    this.#link = openLink({
      socket,
      clock,
      random,
      crypto,
      identity: linkIdentity(signer, random(32), crypto),
      role: 'initiator',
      expect: ticket.publicKey,
      prologue: APP_PROLOGUE,
      onOpen: () => opened(ok(undefined)),
      onMessage: (message) => this.#receive(message),
      onClose: ({ code, message }) => {
        const fault = this.#refusal ?? fail(code, `The node at ${ticket.address}: ${message}.`).error
        opened({ ok: false, error: fault })
        this.#lose(fault)
      },
    })
  }

  /** Connects to a node; the fault says whether nobody answers, or somebody else. */
  static async connect(options: NodeClientOptions): Promise<Result<NodeClient>> {
    const url = addressToUrl(options.ticket.address)
    if (!url.ok) return url
    let socket: Socket
    try {
      socket = await options.connect(url.value)
    } catch {
      return fail(
        'unreachable',
        `No node answers at ${options.ticket.address}: it does not run, or its ticket names another address.`,
      )
    }
    return new Promise((resolve) => {
      const client = new NodeClient(options, socket, (opened) => resolve(opened.ok ? ok(client) : opened))
    })
  }

  /** Calls a method of the card; the fault is the node's, or `badAnswer`, `noAnswer`, or why the connection ended. */
  async call<M extends MethodName>(method: M, params: ParamsOf<M>): Promise<Result<ResultOf<M>>> {
    if (this.#lost !== undefined) return { ok: false, error: this.#lost }
    const id = this.#nextId++
    const message: CallMessage = { id, card: this.card, method, params }
    const answer = await new Promise<Result<unknown>>((resolve) => {
      const cancel = this.#clock.after(ANSWER_MS_MAX, () =>
        this.#settle(
          id,
          fail('noAnswer', `The node did not answer ${method} in ${ANSWER_MS_MAX / 1_000} s.`),
        ),
      )
      this.#calls.set(id, {
        settle: (result) => {
          cancel()
          resolve(result)
        },
      })
      this.#send(message)
    })
    if (!answer.ok) return answer
    const parsed = v.safeParse(methods[method].result, answer.value)
    if (parsed.success) return ok(parsed.output as ResultOf<M>)
    return fail('badAnswer', 'This program and the node are of different versions: update the older one.')
  }

  /** Ends the connection. Idempotent. */
  close(): void {
    this.#link.close()
    this.#lose(fail('closed', 'The connection to the node is closed.').error)
  }

  #receive(bytes: Uint8Array): void {
    const parsed = v.safeParse(NodeMessage, parseJson(bytes))
    if (!parsed.success) return
    const message = parsed.output
    if ('event' in message) {
      this.#happened(message)
    } else if (message.id >= 0) {
      this.#settle(message.id, 'error' in message ? { ok: false, error: message.error } : ok(message.result))
    } else if ('error' in message) {
      // No call of ours: the node says why it ends the connection.
      this.#refusal = message.error
    }
  }

  #happened(message: Extract<NodeMessage, { event: string }>): void {
    if (message.event === 'synced') this.onSynced()
    if (message.event !== 'change') return
    this.onChange(message.changes)
    this.#taken += 1
    this.#send({ taken: this.#taken })
  }

  #settle(id: number, result: Result<unknown>): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    call?.settle(result)
  }

  #lose(fault: Fault): void {
    if (this.#lost !== undefined) return
    this.#lost = fault
    for (const id of [...this.#calls.keys()]) this.#settle(id, { ok: false, error: fault })
    this.onLost(fault)
  }

  #send(message: object): void {
    this.#link.send(new TextEncoder().encode(JSON.stringify(message)))
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
