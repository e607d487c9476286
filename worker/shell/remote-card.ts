// A card that a node elsewhere keeps, used like one of this browser: its calls and its state go over a link to that
// node, on which this browser is an app (docs/PROTOCOL.md, APP-17 to APP-20). What it knew last stays shown while the
// node is not reached, and says so.

import * as v from 'valibot'
import { NodeClient } from '../../client/client.ts'
import type { Changes } from '../../client/views.ts'
import type { CryptoProvider, Signer } from '../../protocol/crypto.ts'
import { readAs } from '../../protocol/forms.ts'
import { fail, ok, type Fault, type Result } from '../../protocol/result.ts'
import { TokenBucket } from '../../protocol/token-bucket.ts'
import type { Clock, Connect, Random } from '../../protocol/transport.ts'
import type { PublicKey, RelayAddress, Time } from '../../protocol/types.ts'
import { methods, type CardView, type MethodName } from '../api.ts'
import { Name } from '../api-values.ts'
import type { ViewChange, ViewListener } from '../runtime/node.ts'
import type { RunningCard } from './hosted-card.ts'
import { REMOTE_FAULT_CHARACTERS_MAX, REMOTE_NEWS_BURST_MAX, REMOTE_NEWS_PER_SECOND_MAX } from './limits.ts'
import { RemoteViews, tooMuch } from './remote-views.ts'

/** Where a card is that a node elsewhere keeps. */
export interface RemotePlace {
  readonly publicKey: PublicKey
  readonly address?: string | undefined
  readonly relays: readonly RelayAddress[]
}

/** The way to a remote card. */
export interface RemoteWay {
  readonly place: RemotePlace
  /** This browser as an app of that card. */
  readonly signer: Signer
  readonly crypto: CryptoProvider
  readonly clock: Clock
  readonly random: Random
  readonly connect: Connect
}

export interface RemoteCardOptions extends RemoteWay {
  /** What it is called until it says so itself. */
  readonly name: string
  /** When it was added here. */
  readonly created: Time
}

/** How it stands with the node. */
type Reach =
  /** A connection is being made; `fault`: why the last one was not. */
  | { readonly state: 'reaching'; readonly fault?: Fault }
  | { readonly state: 'ready' }
  /** Another connection of the same ticket took the place of this one (REL-5). */
  | { readonly state: 'elsewhere'; readonly fault: Fault }
  /** It is of no use to go on before somebody does something. */
  | { readonly state: 'ended'; readonly fault: Fault }

const ELSEWHERE: Fault = {
  code: 'elsewhere',
  message: 'This card is open with the same code on another device. Use it there, or take it over here.',
}
const REVOKED: Fault = {
  code: 'revoked',
  message: 'Its owner has removed this access: the card can no longer be used here.',
}
const STOPPED: Fault = { code: 'stopped', message: 'This card was closed.' }
/** The node's word for somebody whom it does not know, by what it means to whoever holds a ticket. */
const SENTENCES: Readonly<Record<string, Fault>> = {
  unknownApp: REVOKED,
  revoked: REVOKED,
  offline: { code: 'offline', message: 'Its device is off line, or its owner has removed this access.' },
  wrongPeer: {
    code: 'wrongPeer',
    message: 'Another card answers where this one was: ask its owner for a new code.',
  },
}

export class RemoteCard implements RunningCard {
  readonly #options: RemoteCardOptions
  readonly #listeners = new Set<ViewListener>()
  readonly #news: TokenBucket
  #client: NodeClient | undefined
  #reach: Reach = { state: 'reaching' }
  #views: RemoteViews
  /** A snapshot on its way, shown when it is whole. */
  #arriving: RemoteViews | undefined
  #name: string
  /** When there was last a connection. */
  #heard: Time | undefined

  constructor(options: RemoteCardOptions) {
    this.#options = options
    this.#name = options.name
    this.#views = new RemoteViews(options.place.publicKey)
    this.#news = new TokenBucket(REMOTE_NEWS_BURST_MAX, REMOTE_NEWS_PER_SECOND_MAX, options.clock.now())
  }

  start(): void {
    const { place, ...world } = this.#options
    const client = NodeClient.keep({ ...world, ticket: place })
    this.#client = client
    client.onRestored = () => void this.#follow(client)
    client.onUnreached = (fault) => {
      // Over a relay a card that has revoked an app looks as if it were off line.
      const isRevoked = this.#fault?.code === REVOKED.code && fault.code === 'offline'
      this.#turn({ state: 'reaching', fault: isRevoked ? REVOKED : explain(fault) })
    }
    client.onInterrupted = (fault) => this.#interrupted(fault)
    client.onLost = ({ code, message }) => this.#end({ state: 'ended', fault: explain({ code, message }) })
    client.onChange = (changes) => this.#hear(changes)
    client.onSynced = () => this.#show()
  }

  async stop(): Promise<void> {
    this.#end({ state: 'ended', fault: STOPPED })
    this.#listeners.clear()
  }

  /** Takes it back from another device that has the same ticket; tries again what was given up. */
  reopen(): void {
    if (this.#client !== undefined) {
      this.wake()
      return
    }
    this.#turn({ state: 'reaching' })
    this.start()
  }

  wake(): void {
    this.#client?.wake()
  }

  card(): CardView {
    const { place, created } = this.#options
    const remote = this.#heard === undefined ? {} : { heard: this.#heard }
    return { id: place.publicKey, name: this.#name, created, remote, ...this.#condition() }
  }

  /** Never rejects. What cannot be sent now fails at once; what was sent and stays unanswered fails later. */
  async call(method: MethodName, params: unknown): Promise<Result<unknown>> {
    if (methods[method].needs === 'owner') {
      return fail('ownerOnly', 'Only the device that keeps this card decides about its apps.')
    }
    const fault = this.#fault
    if (this.#client === undefined || fault !== undefined) {
      const { code, message } = fault ?? STOPPED
      return fail(code, `The card is not reached, and nothing was done. ${message}`)
    }
    return this.#client.call(method, params as never)
  }

  /** Like `CardNode.subscribe`; until the node was heard, all that is known is the card itself. */
  subscribe(listener: ViewListener): () => void {
    this.#listeners.add(listener)
    listener([this.#cardChange(), ...this.#views.all()])
    return () => this.#listeners.delete(listener)
  }

  get #fault(): Fault | undefined {
    return 'fault' in this.#reach ? this.#reach.fault : undefined
  }

  #condition(): Pick<CardView, 'state' | 'fault'> {
    const { state } = this.#reach
    const fault = this.#fault === undefined ? {} : { fault: this.#fault }
    // It is dialled on, for its owner may only have changed what it may do.
    if (state === 'ended' || this.#fault === REVOKED) return { state: 'stopped', ...fault }
    if (state !== 'ready') return { state, ...fault }
    const there = this.#views.card
    if (there === undefined || there.state === 'running') return { state: 'running' }
    return { state: 'stopped', fault: clipped(there.fault ?? STOPPED) }
  }

  async #follow(client: NodeClient): Promise<void> {
    this.#arriving = new RemoteViews(this.#options.place.publicKey)
    const subscribed = await client.call('state.subscribe', {}, { repeat: false })
    // When the connection breaks meanwhile, another event says so.
    if (subscribed.ok || subscribed.error.code === 'lost' || client !== this.#client) return
    this.#end({ state: 'ended', fault: explain(subscribed.error) })
  }

  #interrupted(fault: Fault): void {
    this.#arriving = undefined
    if (this.#reach.state === 'ready') this.#heard = this.#options.clock.now()
    if (fault.code === 'replaced') this.#end({ state: 'elsewhere', fault: ELSEWHERE })
    else if (fault.code === 'revoked') this.#turn({ state: 'reaching', fault: REVOKED })
    // It was there a moment ago: calls may wait for it.
    else this.#turn({ state: 'reaching' })
  }

  #hear(changes: Changes): void {
    const views = this.#arriving ?? this.#views
    const news = changes.filter((change) => change.collection === 'card' || !this.#views.has(change))
    const taken = this.#news.take(news.length, this.#options.clock.now()) ? views.apply(changes) : tooMuch()
    if (!taken.ok) {
      this.#end({ state: 'ended', fault: taken.error })
      return
    }
    if (this.#arriving === undefined) this.#tell(taken.value)
  }

  /** The state is whole: what is gone since the one before is said to be so, too. */
  #show(): void {
    if (this.#arriving === undefined) return
    const [before, after] = [this.#views, this.#arriving]
    this.#views = after
    this.#arriving = undefined
    const gone = before.all().filter((change) => !after.has(change))
    this.#reach = { state: 'ready' }
    this.#heard = this.#options.clock.now()
    this.#tell([...gone.map((change) => ({ ...change, value: null })), ...after.all()])
    this.#tellCard()
  }

  #tell(changes: readonly ViewChange[]): void {
    const others = changes.filter(({ collection }) => collection !== 'card')
    if (others.length > 0) for (const listener of [...this.#listeners]) listener(others)
    if (others.length < changes.length) this.#tellCard()
  }

  #tellCard(): void {
    const name = v.safeParse(Name, this.#views.card?.name)
    if (name.success) this.#name = name.output
    for (const listener of [...this.#listeners]) listener([this.#cardChange()])
  }

  #cardChange(): ViewChange {
    return { collection: 'card', key: this.#options.place.publicKey, value: this.card() }
  }

  #turn(reach: Reach): void {
    this.#reach = reach
    this.#tellCard()
  }

  /** Ends the connection, and makes no other before `reopen`. */
  #end(reach: Reach): void {
    const client = this.#client
    if (client === undefined) return
    this.#client = undefined
    this.#arriving = undefined
    client.close()
    this.#turn(reach)
  }
}

/** Tries the way to a remote card once. @returns what the card is called, or why it cannot be used. */
export async function tryRemote({ place, ...world }: RemoteWay): Promise<Result<string | undefined>> {
  const connected = await NodeClient.connect({ ...world, ticket: place })
  if (!connected.ok) return { ok: false, error: explain(connected.error) }
  const answer = await connected.value.call('card.ticket', {})
  connected.value.close()
  if (!answer.ok) return { ok: false, error: explain(answer.error) }
  const form = readAs(answer.value.text, 'friend')
  return ok(form.ok ? form.value.ticket.name : undefined)
}

function explain(fault: Fault): Fault {
  return SENTENCES[fault.code] ?? clipped(fault)
}

/** Whatever another node says is no longer than a sentence. */
function clipped({ code, message }: Fault): Fault {
  return { code: code.slice(0, 40), message: message.slice(0, REMOTE_FAULT_CHARACTERS_MAX) }
}
