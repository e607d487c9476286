// The key in a remote card ticket that a card makes: nobody keeps it but the ticket.

import type { Signer } from '../../protocol/crypto.ts'
import type { SecretKey } from '../../protocol/types.ts'
import { fromBase64url, tagged, taggedHash } from '../../protocol/wire.ts'

const DOMAIN = 'offst/invite/v1'

/**
 * Only the card can sign, and Ed25519 always signs alike: the same call gives the same key (APP-3).
 * @param call the `key` of the call.
 */
export function inviteKey(signer: Signer, call: string): SecretKey {
  const signature = signer.sign(tagged(DOMAIN, fromBase64url(call)))
  return taggedHash(DOMAIN, fromBase64url(signature)) as string as SecretKey
}
