// The five ways through the wallet.

import type { MessageKey } from '../messages/t.ts'
import type { IconName } from './icons.ts'

export interface PlaceLink {
  readonly id: '' | 'friends' | 'pay' | 'activity' | 'more'
  readonly icon: IconName
  readonly label: MessageKey & `nav.${string}`
}

export const PLACES: readonly PlaceLink[] = [
  { id: '', icon: 'home', label: 'nav.home' },
  { id: 'friends', icon: 'friends', label: 'nav.friends' },
  { id: 'pay', icon: 'scan', label: 'nav.pay' },
  { id: 'activity', icon: 'activity', label: 'nav.activity' },
  { id: 'more', icon: 'more', label: 'nav.more' },
]
