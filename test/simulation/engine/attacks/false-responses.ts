// Attack: answers what nobody asked, and answers with signatures that were made for another request, another part of
// the same payment, or for nothing.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import type { RequestId, Signature } from '../../../../protocol/types.ts'
import { toBase64url } from '../../../../protocol/wire.ts'
import type { ReceiptToSign } from '../../../../worker/core/actions.ts'
import type { Input, Stamp } from '../../../../worker/core/inputs.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

const SIGNATURES_MAX = 50

export class FalseResponses extends HostileCore {
  readonly #signatures: Signature[] = []

  override process(input: Input, stamp: Stamp, valid: readonly boolean[]): void {
    if (input.type === 'receiptSigned') this.#learn(input.signature)
    if (input.type === 'friendMessage' && input.message.kind === 'batch') {
      for (const operation of input.message.content?.operations ?? []) {
        if (operation.kind === 'response') this.#learn(operation.signature)
      }
    }
    super.process(input, stamp, valid)
  }

  /** Parts of one payment are signed for each other. */
  override receiptsToSign(): readonly ReceiptToSign[] {
    const receipts = super.receiptsToSign()
    if (!this.dice.chance(this.eagerness)) return receipts
    const texts = this.dice.shuffled(receipts.map(({ message }) => message))
    return receipts.map((receipt, number) => ({ ...receipt, message: texts[number] ?? receipt.message }))
  }

  protected override strike(friend: Friend): void {
    const unanswered = [...friend.pendingIn.keys()]
    const others = [...friend.pendingOut.keys(), this.dice.id16() as RequestId]
    const requestId = this.dice.pick(this.dice.chance(0.7) && unanswered.length > 0 ? unanswered : others)
    this.seal(friend, [{ kind: 'response', requestId, signature: this.#signature() }])
  }

  protected override meddle(operation: Operation): readonly Operation[] {
    if (operation.kind !== 'response' || !this.dice.chance(this.eagerness / 2)) return [operation]
    const answer = { ...operation, signature: this.#signature() }
    return this.dice.pick([[answer], [operation, answer], [operation, operation]])
  }

  #signature(): Signature {
    const unknown = toBase64url(this.dice.bytes(64)) as Signature
    return this.dice.chance(0.2)
      ? unknown
      : (this.#signatures[this.dice.below(this.#signatures.length)] ?? unknown)
  }

  #learn(signature: Signature): void {
    this.#signatures.push(signature)
    if (this.#signatures.length > SIGNATURES_MAX) this.#signatures.shift()
  }
}
