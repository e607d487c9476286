// Attack: signs statements of debt that are wrong: other balances, currencies twice or in another order, positions that
// are long past or not yet reached.

import * as messages from '../../../../protocol/channel-messages.ts'
import type { Note, Statement } from '../../../../protocol/channel-messages.ts'
import type { Currency } from '../../../../protocol/types.ts'
import { decode } from '../../../../protocol/wire.ts'
import type { OutgoingMessage } from '../../../../worker/core/actions.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const NOTHING = { balance: 0n, localPending: 0n, remotePending: 0n }

export class FalseNotes extends HostileCore {
  protected override strike(friend: Friend): void {
    const { channel } = friend.record
    const statements = channel.ledgers.map(({ currency, balance, localPending, remotePending }) => {
      return { currency, balance, localPending: localPending % 1_000n, remotePending: remotePending % 1_000n }
    })
    const note = {
      epoch: channel.epoch,
      signerSeq: channel.sentSeq,
      signerHash: channel.sentHash,
      receiverSeq: channel.receivedSeq,
      receiverHash: channel.receivedHash,
      statements,
      time: this.state.now,
    }
    this.say(friend, { kind: 'note', body: messages.note.encode(this.#falsify(note)) })
  }

  protected override replace(message: OutgoingMessage): readonly OutgoingMessage[] {
    if (message.kind !== 'note' || !this.dice.chance(this.eagerness)) return [message]
    const note = decode(messages.note, message.body)
    return note.ok ? [{ kind: 'note', body: messages.note.encode(this.#falsify(note.value)) }] : [message]
  }

  #falsify(note: Note): Note {
    switch (
      this.dice.pick(['balance', 'frozen', 'positions', 'twice', 'more', 'order', 'time', 'epoch'] as const)
    ) {
      case 'balance':
        return {
          ...note,
          statements: this.#change(note, ({ balance }) => ({ balance: balance + this.#some() })),
        }
      case 'frozen':
        return { ...note, statements: this.#change(note, () => ({ localPending: (1n << 128n) - 1n })) }
      case 'positions':
        return {
          ...note,
          signerSeq: Math.max(0, note.signerSeq + this.dice.between(-3, 3)),
          receiverSeq: Math.max(0, note.receiverSeq + this.dice.between(-3, 3)),
        }
      case 'twice':
        return { ...note, statements: [...note.statements, ...note.statements] }
      case 'more': {
        const currency = this.dice.pick(['credit', 'hours', 'x']) as Currency
        return { ...note, statements: [...note.statements, { ...NOTHING, currency, balance: this.#some() }] }
      }
      case 'order':
        return { ...note, statements: note.statements.toReversed() }
      case 'time':
        return { ...note, time: this.dice.pick([0, Number.MAX_SAFE_INTEGER]) }
      case 'epoch':
        return { ...note, epoch: Math.max(0, note.epoch + this.dice.pick([-1, 1])) }
    }
  }

  #change(note: Note, change: (statement: Statement) => Partial<Statement>): Statement[] {
    return note.statements.map((statement) => ({ ...statement, ...change(statement) }))
  }

  #some(): bigint {
    return this.dice.pick([1n, -1n, 1_000n, -1_000n])
  }
}
