// The English catalogue: every text that the wallet shows.

import { activity } from './en/activity.ts'
import { apps } from './en/apps.ts'
import { common } from './en/common.ts'
import { faults } from './en/faults.ts'
import { friends } from './en/friends.ts'
import { more } from './en/more.ts'
import { pay } from './en/pay.ts'
import { remote } from './en/remote.ts'

export const en = {
  ...common,
  ...friends,
  ...pay,
  ...activity,
  ...more,
  ...apps,
  ...remote,
  ...faults,
} as const
