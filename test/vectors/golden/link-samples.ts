// Whole sessions of links, from the first message of the handshake to the last frame, with the keys of the samples.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import { Link, linkIdentity, type LinkEvent, type LinkOptions } from '../../../protocol/link.ts'
import { bytesOf, keyOf, signerOf } from './samples.ts'

/** Says who sends each frame of a session: Alice dials Bob, both introduce themselves, both talk, Alice closes. */
const SPEAKERS = ['alice', 'bob', 'alice', 'alice', 'bob', 'alice'] as const
export const QUESTION = bytesOf('question', 30)
export const ANSWER = bytesOf('answer', 300)

type Ends = Readonly<Record<(typeof SPEAKERS)[number], Link>>

/** The frames of a session, in order. */
export function sessionFrames(prologue: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = []
  play(prologue, (_, frame) => {
    frames.push(frame)
    return frame
  })
  return frames
}

/** What both sides make of the frames of a session, whoever wrote them. */
export function sessionEvents(prologue: Uint8Array, frames: readonly Uint8Array[]): LinkEvent[] {
  return play(prologue, (index) => {
    const frame = frames[index]
    if (frame === undefined) throw new Error(`the session has no frame ${index}`)
    return frame
  })
}

/** @param transmit what arrives of the frame that is sent. */
function play(prologue: Uint8Array, transmit: (index: number, sent: Uint8Array) => Uint8Array): LinkEvent[] {
  const ends: Ends = {
    alice: linkOf('alice', { role: 'initiator', expect: keyOf('bob'), prologue }),
    bob: linkOf('bob', { role: 'responder', prologue }),
  }
  const before: Readonly<Record<number, () => void>> = {
    3: () => ends.alice.send(QUESTION, 0),
    4: () => ends.bob.send(ANSWER, 0),
    5: () => ends.alice.close(0),
  }
  return SPEAKERS.flatMap((speaker, index) => {
    before[index]?.()
    const [frame] = ends[speaker].takeFrames()
    if (frame === undefined) throw new Error(`${speaker} does not speak`)
    return ends[speaker === 'alice' ? 'bob' : 'alice'].receive(transmit(index, frame), 0)
  })
}

function linkOf(name: string, options: Pick<LinkOptions, 'role' | 'expect' | 'prologue'>): Link {
  return new Link({
    ...options,
    identity: linkIdentity(signerOf(name), bytesOf(`static key of ${name}`, 32), nobleProvider),
    ephemeral: bytesOf(`ephemeral key of ${name}`, 32),
    crypto: nobleProvider,
    now: 0,
  })
}

/** What a responder answers to a first message of another version than its own. */
export function versionAnswer(hello: Uint8Array): Uint8Array[] {
  const link = linkOf('bob', { role: 'responder' })
  link.receive(hello, 0)
  return link.takeFrames()
}
