// The worked example of docs/APPS.md: an app and a node with fixed keys shake hands, and one call is answered.

import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { APP_PROLOGUE } from '../../protocol/app-link.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { encodeFrame } from '../../protocol/frames.ts'
import { LinkHandshake, type HandshakeStep } from '../../protocol/link-handshake.ts'
import { linkIdentity } from '../../protocol/link-identity.ts'
import type { CipherState } from '../../protocol/noise.ts'
import { fromBase64url, tagged } from '../../protocol/wire.ts'
import type { CallMessage, NodeMessage } from '../../worker/api.ts'

/** Every secret of the example is 32 times one byte. */
function secret(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte)
}

const appSigner = nobleProvider.signer(secret(1))
const nodeSigner = nobleProvider.signer(secret(2))
const app = linkIdentity(appSigner, secret(3), nobleProvider)
const node = linkIdentity(nodeSigner, secret(4), nobleProvider)
const NONE = new Uint8Array(0)

/** The parts of the example by the names that the document gives them, in hexadecimal, texts as they are. */
export function workedExample(): Map<string, string> {
  const [initiator, responder] = [handshake('initiator'), handshake('responder')]
  const hello = initiator.hello()
  const second = responder.receive(hello).reply ?? NONE
  const met = initiator.receive(second)
  const third = met.reply ?? NONE
  const [mine, theirs] = [sessionOf(met), sessionOf(responder.receive(third))]
  const call = callText()
  const answer = answerText()
  const callFrame = encodeFrame({ kind: 'last', payload: utf8ToBytes(call) })
  const answerFrame = encodeFrame({ kind: 'last', payload: utf8ToBytes(answer) })
  return new Map([
    ['app identity', bytesToHex(fromBase64url(appSigner.publicKey))],
    ['node identity', bytesToHex(fromBase64url(nodeSigner.publicKey))],
    ['app static', bytesToHex(app.staticKey.public)],
    ['node static', bytesToHex(node.staticKey.public)],
    ['prologue', bytesToHex(tagged('offst/link', APP_PROLOGUE))],
    ['signed by the app', bytesToHex(tagged('offst/link/v1', app.staticKey.public))],
    ['introduction of the app', bytesToHex(app.payload)],
    ['introduction of the node', bytesToHex(node.payload)],
    ['message 1', bytesToHex(hello)],
    ['message 2', bytesToHex(second)],
    ['message 3', bytesToHex(third)],
    ['handshake hash', bytesToHex(mine.handshakeHash)],
    ['call', call],
    ['frame of the call', bytesToHex(callFrame)],
    ['sealed call', bytesToHex(opened(mine.send, theirs.receive, callFrame))],
    ['answer', answer],
    ['sealed answer', bytesToHex(opened(theirs.send, mine.receive, answerFrame))],
  ])
}

function handshake(role: 'initiator' | 'responder'): LinkHandshake {
  const isApp = role === 'initiator'
  return new LinkHandshake({
    role,
    identity: isApp ? app : node,
    ephemeral: secret(isApp ? 5 : 6),
    expect: isApp ? nodeSigner.publicKey : undefined,
    crypto: nobleProvider,
    prologue: APP_PROLOGUE,
  })
}

function sessionOf({ session }: HandshakeStep) {
  if (session === undefined) throw new Error('the handshake of the example has failed')
  return session.transport
}

function callText(): string {
  const call: CallMessage = {
    id: 1,
    card: nodeSigner.publicKey,
    method: 'card.rename',
    params: { name: 'Bob' },
  }
  return JSON.stringify(call)
}

function answerText(): string {
  const answer: NodeMessage = { id: 1, result: {} }
  return JSON.stringify(answer)
}

/** The sealed frame, once the other side has opened it. */
function opened(send: CipherState, receive: CipherState, frame: Uint8Array): Uint8Array {
  const sealed = send.seal(NONE, frame)
  const plain = receive.open(NONE, sealed)
  if (plain === undefined || bytesToHex(plain) !== bytesToHex(frame)) {
    throw new Error('the other side of the example reads something else')
  }
  return sealed
}
