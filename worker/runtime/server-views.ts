// What a card shows of itself and of its servers: the parts of the views that depend on connections.

import type { Fault } from '../../protocol/result.ts'
import type { CardView, ServerView } from '../api.ts'
import type { CardRecord, NamedServer } from '../core/records.ts'
import type { ServerLink } from './server-link.ts'

/** Whether the card works, and if not, why. */
export interface CardCondition {
  readonly state: CardView['state']
  readonly fault: Fault | undefined
}

export function cardView(
  card: Pick<CardRecord, 'publicKey' | 'name' | 'created'>,
  { state, fault }: CardCondition,
): CardView {
  const { publicKey, name, created } = card
  return { id: publicKey, name, created, state, ...(fault === undefined ? {} : { fault }) }
}

/**
 * @param link missing while the card does not connect.
 * @param refusal why a server to which the card is connected does not serve it.
 */
export function serverView(
  { publicKey, address, name }: NamedServer,
  link: ServerLink | undefined,
  refusal?: Fault,
): ServerView {
  const fault = link?.fault ?? refusal
  return {
    publicKey,
    address,
    name,
    state: link?.state ?? 'offline',
    ...(fault === undefined ? {} : { fault }),
  }
}
