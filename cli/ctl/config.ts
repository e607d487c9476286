// `stctrl config …`: servers, friends, the terms of each friendship, and settings of the card.

import type { Entry } from '../program.ts'
import { friendCommands } from './friends.ts'
import { serverCommands } from './servers.ts'
import { settingCommands } from './settings.ts'
import { termCommands } from './terms.ts'

export const config: Readonly<Record<string, Entry>> = {
  ...serverCommands,
  ...friendCommands,
  ...termCommands,
  ...settingCommands,
}
