// The attacks that a seed may choose from, by name.

import type { Core } from '../../../worker/core/core.ts'
import type { Snapshot } from '../../../worker/core/records.ts'
import { AbsurdAmounts } from './attacks/absurd-amounts.ts'
import { AlteredBytes } from './attacks/altered-bytes.ts'
import { AlteredFields } from './attacks/altered-fields.ts'
import { ClosedSessions } from './attacks/closed-sessions.ts'
import { CrookedRoutes } from './attacks/crooked-routes.ts'
import { DeadRelays } from './attacks/dead-relays.ts'
import { FalseAcks } from './attacks/false-acks.ts'
import { FalseCancels } from './attacks/false-cancels.ts'
import { FalseNotes } from './attacks/false-notes.ts'
import { FalseProofs } from './attacks/false-proofs.ts'
import { FalseResets } from './attacks/false-resets.ts'
import { FalseResponses } from './attacks/false-responses.ts'
import { FlappingTerms } from './attacks/flapping-terms.ts'
import { Flooding } from './attacks/flooding.ts'
import { Forks } from './attacks/forks.ts'
import { HugeMessages } from './attacks/huge-messages.ts'
import { Jamming } from './attacks/jamming.ts'
import { Meddling } from './attacks/meddling.ts'
import { OddExpiries } from './attacks/odd-expiries.ts'
import { OverLimit } from './attacks/over-limit.ts'
import { Reorders } from './attacks/reorders.ts'
import { RepeatedIds } from './attacks/repeated-ids.ts'
import { Replays } from './attacks/replays.ts'
import { Silence } from './attacks/silence.ts'
import type { Dice } from './dice.ts'
import type { Scene } from './scene.ts'

/** The program of an attacker's card. */
export type HostileCoreClass = new (snapshot: Snapshot, scene: Scene, dice: Dice) => Core

export const ATTACKS: Readonly<Record<string, HostileCoreClass>> = {
  alteredFields: AlteredFields,
  alteredBytes: AlteredBytes,
  replays: Replays,
  reorders: Reorders,
  hugeMessages: HugeMessages,
  forks: Forks,
  falseAcks: FalseAcks,
  falseResponses: FalseResponses,
  falseNotes: FalseNotes,
  falseResets: FalseResets,
  falseProofs: FalseProofs,
  repeatedIds: RepeatedIds,
  crookedRoutes: CrookedRoutes,
  absurdAmounts: AbsurdAmounts,
  overLimit: OverLimit,
  oddExpiries: OddExpiries,
  falseCancels: FalseCancels,
  jamming: Jamming,
  meddling: Meddling,
  flooding: Flooding,
  closedSessions: ClosedSessions,
  flappingTerms: FlappingTerms,
  deadRelays: DeadRelays,
  silence: Silence,
}
