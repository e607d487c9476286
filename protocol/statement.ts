// What a friend has signed about the balance, as a document that its owner can show to anybody (docs/PROTOCOL.md, CH-30).

import * as P from 'micro-packed'
import { note, signedBytes, type Note } from './channel-messages.ts'
import type { SignatureCheck } from './crypto.ts'
import type { PublicKey, Signature } from './types.ts'
import * as wire from './wire.ts'

export interface SignedStatement {
  readonly signer: PublicKey
  /** To whom it was said: whose balance with the signer it is. */
  readonly receiver: PublicKey
  readonly note: Note
  readonly signature: Signature
}

export const statementCodec: P.CoderType<SignedStatement> = P.struct({
  signer: wire.publicKey,
  receiver: wire.publicKey,
  note,
  signature: wire.signature,
})

/** The signature that makes it true. */
export function statementCheck({ signer, receiver, note: said, signature }: SignedStatement): SignatureCheck {
  return { publicKey: signer, message: signedBytes('note', signer, receiver, note.encode(said)), signature }
}
