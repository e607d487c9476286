// Deliberately broken programs: the simulator must catch each of them, or it proves nothing.

import { AMOUNT_MAX } from '../../../protocol/wire.ts'
import { Core } from '../../../worker/core/core.ts'
import type { Input, Stamp } from '../../../worker/core/inputs.ts'
import type { CurrencyConfig, Ledger } from '../../../worker/core/records.ts'
import type { WorldCard } from '../../support/world-card.ts'

/** How long the store of the hasty mutant lies. */
const LIE_MS = 400

/** Takes whatever a friend asks for, whatever limit he was granted. */
class NoLimits extends Core {
  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    const restore = changeConfigs(this, input, (config) => (config.remoteMaxDebt = AMOUNT_MAX / 4n))
    super.process(input, stamp, valid)
    restore()
  }
}

/** Believes every signature under a response. */
class NoReceipts extends Core {
  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    // The first one is the batch's own.
    super.process(
      input,
      stamp,
      valid.map((isValid, index) => isValid || index > 0),
    )
  }
}

/** Takes one credit less than its rate for passing a payment on. */
class WrongFees extends Core {
  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    const restore = changeConfigs(this, input, (config) => {
      config.rate = { ...config.rate, add: Math.max(0, config.rate.add - 1) }
    })
    super.process(input, stamp, valid)
    restore()
  }
}

/** Enters what a batch changes into the books twice. */
class DoubleEntry extends Core {
  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    const isBatch = input.type === 'friendMessage' && input.message.kind === 'batch'
    const before = isBatch ? booksOf(this, input.friend) : []
    super.process(input, stamp, valid)
    for (const ledger of isBatch ? booksOf(this, input.friend, false) : []) {
      const old = before.find(({ currency }) => currency === ledger.currency)
      if (old === undefined) continue
      ledger.balance += ledger.balance - old.balance
      ledger.remotePending += ledger.remotePending - old.remotePending
    }
  }
}

/** Makes a card run the mutant instead of the program. */
export const MUTANTS = {
  persistAfterSend: ({ device }) => {
    device.lies_ms = LIE_MS
  },
  noLimitCheck: ({ device }) => {
    device.createCore = (snapshot) => new NoLimits(snapshot)
  },
  responseNotVerified: ({ device }) => {
    device.createCore = (snapshot) => new NoReceipts(snapshot)
  },
  feeOffByOne: ({ device }) => {
    device.createCore = (snapshot) => new WrongFees(snapshot)
  },
  batchAppliedTwice: ({ device }) => {
    device.createCore = (snapshot) => new DoubleEntry(snapshot)
  },
} as const satisfies Readonly<Record<string, (card: WorldCard) => void>>

export type MutantName = keyof typeof MUTANTS

/** Changes what the owner wants of every friendship while a friend's message is processed. */
function changeConfigs(core: Core, input: Input, change: (config: CurrencyConfig) => void): () => void {
  if (input.type !== 'friendMessage') return () => undefined
  const configs = [...core.state.friends.values()].flatMap(({ record }) => record.currencies)
  const originals = configs.map((config) => ({ ...config }))
  configs.forEach(change)
  return () => configs.forEach((config, index) => Object.assign(config, originals[index]))
}

function booksOf(core: Core, friend: string, areCopies = true): Ledger[] {
  const found = [...core.state.friends.values()].find(({ record }) => record.publicKey === friend)
  const ledgers = found?.record.channel.ledgers ?? []
  return areCopies ? ledgers.map((ledger) => ({ ...ledger })) : ledgers
}
