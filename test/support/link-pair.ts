// Two ends of a link under the test's own time: frames are carried by hand, so that a test can touch them.

import { nobleProvider } from '../../protocol/ed25519.ts'
import {
  Link,
  linkIdentity,
  type LinkEvent,
  type LinkIdentity,
  type LinkOptions,
} from '../../protocol/link.ts'
import { seededRandom } from './seeded-random.ts'

export const alice = identityOf('alice')
export const bob = identityOf('bob')
export const carol = identityOf('carol')

/** The same identity and the same Noise static key for the same name. */
export function identityOf(name: string): LinkIdentity {
  const random = seededRandom(`link identity ${name}`)
  return linkIdentity(nobleProvider.signer(random(32)), random(32), nobleProvider)
}

/** Alice, who dials Bob at time 0. */
export function initiator(options: Partial<LinkOptions> = {}): Link {
  return new Link({
    role: 'initiator',
    identity: alice,
    ephemeral: seededRandom('initiator')(32),
    expect: bob.signer.publicKey,
    crypto: nobleProvider,
    now: 0,
    ...options,
  })
}

/** Bob, who was dialled at time 0. */
export function responder(options: Partial<LinkOptions> = {}): Link {
  return new Link({
    role: 'responder',
    identity: bob,
    ephemeral: seededRandom('responder')(32),
    crypto: nobleProvider,
    now: 0,
    ...options,
  })
}

/** Carries all frames that `from` has to send; returns what `to` makes of them. */
export function carry(from: Link, to: Link, now = 0): LinkEvent[] {
  return from.takeFrames().flatMap((frame) => to.receive(frame, now))
}

/** The frame that `link` has to send; fails unless it is exactly one. */
export function onlyFrame(link: Link): Uint8Array {
  const [frame, ...others] = link.takeFrames()
  if (frame === undefined || others.length > 0) throw new Error('the link has not exactly one frame to send')
  return frame
}

/** An open pair. */
export function openPair(options: Partial<LinkOptions> = {}): { a: Link; b: Link } {
  const a = initiator(options)
  const b = responder(options)
  carry(a, b)
  carry(b, a)
  carry(a, b)
  return { a, b }
}

/** The code of the fault with which the last event closed the link, or undefined. */
export function closedWith(events: readonly LinkEvent[]): string | undefined {
  const last = events.at(-1)
  return last?.kind === 'closed' ? last.fault.code : undefined
}
