// What the cards of this browser show, by the card's public key.

import type { Views } from '../../client/views.ts'

export type ViewsByCard = ReadonlyMap<string, Views>

export const NO_CARDS: ViewsByCard = new Map()

/** `all` with the views of one card set, or taken away. */
export function withViews(all: ViewsByCard, card: string, views: Views | undefined): ViewsByCard {
  const next = new Map(all)
  if (views === undefined) next.delete(card)
  else next.set(card, views)
  return next
}
