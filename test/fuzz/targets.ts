// Every decoder of what strangers, friends, servers, apps and people send.

import type { FuzzTarget } from './fuzzer.ts'
import { appTarget } from './targets/apps.ts'
import { callTargets } from './targets/calls.ts'
import { formTargets } from './targets/forms.ts'
import { friendTargets } from './targets/friends.ts'
import { linkTargets } from './targets/links.ts'
import { serverTargets } from './targets/servers.ts'

export const targets: readonly FuzzTarget[] = [
  ...linkTargets,
  ...friendTargets,
  ...serverTargets,
  ...formTargets,
  ...callTargets,
  appTarget,
]
