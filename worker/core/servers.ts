// The card's own relays and index servers.

import { RELAYS_MAX } from '../../protocol/limits.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { PublicKey, RelayAddress } from '../../protocol/types.ts'
import { isBlankName } from './names.ts'
import type { NamedServer } from './records.ts'
import type { State } from './state.ts'

type List = 'relays' | 'indexServers'

/** Adds a server, or moves it to the new address and name if it is known. */
export function addServer(s: State, list: List, server: NamedServer): Result<object> {
  if (isBlankName(server.name)) return fail('badName', 'Give the server a name.')
  const servers = s.card[list]
  const index = servers.findIndex(({ publicKey }) => publicKey === server.publicKey)
  if (index < 0 && servers.length >= RELAYS_MAX) {
    return fail('tooManyServers', `At most ${RELAYS_MAX} servers of a kind. Remove one first.`)
  }
  if (index < 0) servers.push(server)
  else servers[index] = server
  s.card.retiringRelays = s.card.retiringRelays.filter(({ publicKey }) => publicKey !== server.publicKey)
  changed(s)
  return ok({})
}

/** A relay stays in use until every friend knows the new list. */
export function removeServer(s: State, list: List, publicKey: PublicKey): Result<object> {
  const servers = s.card[list]
  const server = servers.find((candidate) => candidate.publicKey === publicKey)
  if (server === undefined) return ok({})
  s.card[list] = servers.filter((candidate) => candidate !== server)
  if (list === 'relays' && s.friends.size > 0) retire(s, server)
  changed(s)
  return ok({})
}

function retire(s: State, { publicKey, address }: RelayAddress): void {
  s.card.retiringRelays = [...s.card.retiringRelays, { publicKey, address }].slice(-RELAYS_MAX)
}

function changed(s: State): void {
  s.touch('card', 'card')
  s.actions.push({ type: 'connectionsChanged' })
  // Friends are told the new list as soon as they are on line.
  for (const key of s.friends.keys()) s.touched.add(key)
}
