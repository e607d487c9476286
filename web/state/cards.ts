// Which of the browser's cards this tab shows: each tab has its own, so that two cards can be used side by side.

import { node } from '../wallet.ts'

const TAB_CARD_KEY = 'offst.tabCard'

export function selectCard(id: string): void {
  node.selectCard(id)
  try {
    sessionStorage.setItem(TAB_CARD_KEY, id)
  } catch {
    // Storage may be denied: then a reload shows the card that was selected last anywhere.
  }
}

/** After a reload of this tab. */
export function restoreCard(): void {
  try {
    const id = sessionStorage.getItem(TAB_CARD_KEY)
    if (id !== null) node.selectCard(id)
  } catch {
    // As above.
  }
}
