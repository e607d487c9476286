// What opens and carries links: the three messages of a handshake, the introduction in them, frames and their pieces.

import { nobleProvider } from '../../../protocol/ed25519.ts'
import { decodeFrame, encodeFrame, SIZE_CLASSES, type Frame } from '../../../protocol/frames.ts'
import { FRIEND_MESSAGE_BYTES_MAX } from '../../../protocol/friend-packets.ts'
import { FRAME_BYTES_MAX } from '../../../protocol/limits.ts'
import { LinkHandshake, type HandshakeStep } from '../../../protocol/link-handshake.ts'
import { linkIdentity, readIntroduction } from '../../../protocol/link-identity.ts'
import { TAG_BYTES, type Role } from '../../../protocol/noise.ts'
import { Reassembly } from '../../../protocol/reassembly.ts'
import { defineTarget, demand, type FuzzTarget, type Outcome } from '../fuzzer.ts'
import { mutateBytes } from '../mutate.ts'
import type { FuzzRandom } from '../random.ts'
import { sameBytes, toHex } from './codec.ts'
import { bytes, signerOf } from './samples.ts'

const alice = linkIdentity(signerOf(1), bytes(32, 11), nobleProvider)
const bob = linkIdentity(signerOf(2), bytes(32, 12), nobleProvider)
/** Whoever else holds Alice's key of the link: what she signs is sound, but she is not Alice. */
const carol = linkIdentity(signerOf(3), bytes(32, 11), nobleProvider)
const HANDSHAKE_FAULTS = ['malformed', 'versionUnsupported', 'decryptFailed', 'wrongPeer', 'badSignature']
/** Bytes of the longest message of a handshake, and room for it to be too long. */
const HANDSHAKE_BYTES_MAX = 400

/** Alice dials Bob; always with the same keys, so that recorded messages open. */
function handshakeOf(role: Role): LinkHandshake {
  const identity = role === 'initiator' ? alice : bob
  const expect = role === 'initiator' ? bob.signer.publicKey : undefined
  return new LinkHandshake({ role, identity, expect, ephemeral: bytes(32, 13), crypto: nobleProvider })
}

function sent(step: HandshakeStep): Uint8Array {
  if (step.reply === undefined) throw new Error('the handshake has nothing to say')
  return step.reply
}

const initiator = handshakeOf('initiator')
const HELLO = initiator.hello()
const ANSWER = sent(handshakeOf('responder').receive(HELLO))
const LAST = sent(initiator.receive(ANSWER))

/** Where a handshake stands when the message comes that is mutated. */
const STAGES = {
  'handshake-hello': { message: HELLO, start: () => handshakeOf('responder') },
  'handshake-answer': {
    message: ANSWER,
    start: () => {
      const handshake = handshakeOf('initiator')
      handshake.hello()
      return handshake
    },
  },
  'handshake-last': {
    message: LAST,
    start: () => {
      const handshake = handshakeOf('responder')
      handshake.receive(HELLO)
      return handshake
    },
  },
}

function handshakeTarget(name: keyof typeof STAGES): FuzzTarget {
  const { message, start } = STAGES[name]
  let unspent: LinkHandshake | undefined
  return defineTarget<Uint8Array>({
    name,
    cost: 100,
    seeds: [message],
    faults: HANDSHAKE_FAULTS,
    mutate: (random, input, other) => mutateBytes(random, input, other, HANDSHAKE_BYTES_MAX),
    decode: (input) => {
      const handshake = unspent ?? start()
      const { reply, fault, session } = handshake.receive(input)
      // What is refused for its length is refused before any arithmetic: nothing has been mixed in.
      unspent = fault !== undefined && input.length !== message.length ? handshake : undefined
      demand((reply?.length ?? 0) <= HANDSHAKE_BYTES_MAX, `a reply of ${reply?.length} bytes`)
      if (fault !== undefined) return { accepted: false, fault }
      // A hello is in the clear, and every key in it is one that somebody may have. The others are sealed.
      demand(name === 'handshake-hello' || sameBytes(input, message), 'takes an altered message')
      return { accepted: true, shape: session === undefined ? 'goes on' : 'opens' }
    },
    sizeOf: (input) => input.length,
    show: toHex,
  })
}

const introduction = defineTarget<Uint8Array>({
  name: 'introduction',
  cost: 20,
  seeds: [alice.payload],
  faults: HANDSHAKE_FAULTS,
  mutate: (random, input) => {
    if (random.once(20)) return carol.payload
    return mutateBytes(random, random.once(4) ? carol.payload : input, carol.payload, HANDSHAKE_BYTES_MAX)
  },
  decode: (input) => {
    const { version, signer, staticKey } = alice
    const own = { version, expect: signer.publicKey }
    const read = readIntroduction(input, staticKey.public, own, nobleProvider)
    if (!read.ok) return { accepted: false, fault: read.error }
    demand(sameBytes(input, alice.payload), 'takes an altered introduction')
    return { accepted: true, shape: 'introduced' }
  },
  sizeOf: (input) => input.length,
  show: toHex,
})

const FRAMES: readonly (readonly Frame[])[] = [
  [{ kind: 'ping', payload: bytes(0) }],
  [{ kind: 'pong', payload: bytes(0) }],
  [{ kind: 'close', payload: bytes(0) }],
  [{ kind: 'last', payload: bytes(0) }],
  [{ kind: 'last', payload: bytes(300) }],
  [
    { kind: 'more', payload: bytes(253) },
    { kind: 'more', payload: bytes(317) },
    { kind: 'last', payload: bytes(5) },
  ],
  [
    { kind: 'more', payload: bytes(16_381) },
    { kind: 'last', payload: bytes(16_384) },
  ],
]

/** The opened frames of one session, as a link reads them: each decoded, the pieces of messages put together. */
const frames = defineTarget<readonly Uint8Array[]>({
  name: 'frames',
  seeds: FRAMES.map((session) => session.map(encodeFrame)),
  faults: ['malformed', 'messageTooLong'],
  mutate: mutateFrames,
  decode: decodeFrames,
  sizeOf: (input) => input.reduce((sum, frame) => sum + frame.length, 0),
  show: (input) => input.map(toHex).join(' '),
})

function decodeFrames(input: readonly Uint8Array[]): Outcome {
  const messages = new Reassembly(FRIEND_MESSAGE_BYTES_MAX)
  let shape = ''
  let heldBytes = 0
  for (const plaintext of input) {
    const frame = decodeFrame(plaintext)
    if (!frame.ok) return { accepted: false, fault: frame.error }
    const { kind, payload } = frame.value
    demand(sameBytes(encodeFrame(frame.value), plaintext), 'decodes, but encodes to other bytes')
    if (kind !== 'more' && kind !== 'last') demand(payload.length === 0, `a ${kind} that carries something`)
    else {
      heldBytes += payload.length
      const message = messages.add(payload, kind === 'last')
      if (!message.ok) return { accepted: false, fault: message.error }
      demand(heldBytes <= FRIEND_MESSAGE_BYTES_MAX, `${heldBytes} bytes wait for the end of their message`)
      demand((message.value !== undefined) === (kind === 'last'), 'a message ends with its last piece')
      demand(message.value === undefined || message.value.length === heldBytes, 'a piece is missing')
      if (kind === 'last') heldBytes = 0
    }
    shape += `${kind} ${SIZE_CLASSES.indexOf(plaintext.length)} `
  }
  return { accepted: true, shape: shape.slice(0, 100) }
}

function mutateFrames(
  random: FuzzRandom,
  input: readonly Uint8Array[],
  other: readonly Uint8Array[],
): readonly Uint8Array[] {
  const at = random.below(input.length)
  const frame = input[at]
  if (frame === undefined) return other
  switch (random.below(8)) {
    case 0:
      return input.toSpliced(at, 1)
    case 1:
      return input.toSpliced(at, 0, ...other).slice(0, 300)
    case 2:
      return [...new Array<Uint8Array>(random.below(200)).fill(frame), ...input]
    case 3:
      return input.with(at, toSizeClass(random, frame))
    case 4:
    case 5:
      // In the head: what all later checks hang on.
      return input.with(at, mutateHead(random, frame))
    default:
      return input.with(at, mutateBytes(random, frame, other[0] ?? frame, FRAME_BYTES_MAX - TAG_BYTES + 1))
  }
}

function toSizeClass(random: FuzzRandom, frame: Uint8Array): Uint8Array {
  const resized = new Uint8Array(random.pick(SIZE_CLASSES))
  resized.set(frame.subarray(0, resized.length))
  return resized
}

function mutateHead(random: FuzzRandom, frame: Uint8Array): Uint8Array {
  const mutant = frame.slice()
  mutant.set(mutateBytes(random, frame.subarray(0, 3), frame, 3))
  return mutant
}

export const linkTargets: readonly FuzzTarget[] = [
  frames,
  introduction,
  handshakeTarget('handshake-hello'),
  handshakeTarget('handshake-answer'),
  handshakeTarget('handshake-last'),
]
