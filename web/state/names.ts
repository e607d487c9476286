// The address book: names of keys, from the friends of the shown card and from the cards of this browser.

import { shortKey } from '../format.ts'
import { t } from '../messages/t.ts'
import { node } from '../wallet.ts'

export function knownName(key: string): string | undefined {
  const friend = node.friends.find(({ publicKey }) => publicKey === key)
  return friend?.name ?? node.cards.find(({ id }) => id === key)?.name
}

/** A name, or words for a card that is known by its key only. */
export function nameOf(key: string): string {
  return knownName(key) ?? t('names.unknown', { key: shortKey(key) })
}
