// The attacks that a seed may choose from, by name.

import { IndexServer } from '../../../index-server/server.ts'
import type { ServerEnvironment } from '../../../protocol/link-acceptor.ts'
import { RelayServer } from '../../../relay-server/server.ts'
import type { Core } from '../../../worker/core/core.ts'
import type { Snapshot } from '../../../worker/core/records.ts'
import type { Dice } from './dice.ts'

/** The program of an attacker's card. */
export type CreateHostileCore = (snapshot: Snapshot, dice: Dice) => Core

export const ATTACKS: Readonly<Record<string, CreateHostileCore>> = {}

export function hostileRelayServer(environment: ServerEnvironment, _dice: Dice): RelayServer {
  return new RelayServer(environment)
}

export function hostileIndexServer(environment: ServerEnvironment, _dice: Dice): IndexServer {
  return new IndexServer(environment)
}
