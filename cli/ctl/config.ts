// `stctrl config …`: servers, friends, and the terms of each friendship.

import type { Entry } from '../program.ts'
import { friendCommands } from './friends.ts'
import { serverCommands } from './servers.ts'
import { termCommands } from './terms.ts'

export const config: Readonly<Record<string, Entry>> = {
  ...serverCommands,
  ...friendCommands,
  ...termCommands,
}
