// Attack: cancels what is not pending, cancels and answers the same request, blames others for it, and asks again and
// again that requests be cancelled, its own and others'.

import type { Operation } from '../../../../protocol/channel-messages.ts'
import { CANCEL_REASONS } from '../../../../protocol/channel-messages.ts'
import { BATCH_OPERATIONS_MAX } from '../../../../protocol/limits.ts'
import type { PublicKey, RequestId } from '../../../../protocol/types.ts'
import type { Friend } from '../../../../worker/core/state.ts'
import { HostileCore } from './hostile-core.ts'

export class FalseCancels extends HostileCore {
  protected override strike(friend: Friend): void {
    this.seal(friend, this.#operations(friend))
  }

  /** What others cancelled is cancelled for another reason, by somebody else; what was answered is cancelled, or both. */
  protected override meddle(operation: Operation): readonly Operation[] {
    const isAnswer = operation.kind === 'cancel' || operation.kind === 'response'
    if (!isAnswer || !this.dice.chance(this.eagerness / 2)) return [operation]
    const cancel = this.#cancel(operation.requestId)
    return this.dice.pick([[cancel], [cancel, cancel], [operation, cancel], [cancel, operation]])
  }

  #operations(friend: Friend): Operation[] {
    const theirs = [...friend.pendingIn.keys()]
    const mine = [...friend.pendingOut.keys()]
    switch (this.dice.pick(['unknown', 'twice', 'storm', 'regret', 'mine'] as const)) {
      case 'unknown':
        return [this.#cancel(this.dice.id16() as RequestId)]
      case 'twice': {
        const requestId = this.#pick(theirs)
        return [this.#cancel(requestId), this.#cancel(requestId)]
      }
      case 'storm':
        return Array.from({ length: BATCH_OPERATIONS_MAX }, () => this.#ask(this.#pick([...mine, ...theirs])))
      case 'regret': {
        const request = this.request(friend)
        return [{ kind: 'request', request }, this.#ask(request.requestId), this.#ask(request.requestId)]
      }
      case 'mine':
        return [this.#cancel(this.#pick(mine))]
    }
  }

  #pick(ids: readonly RequestId[]): RequestId {
    return ids.length === 0 ? (this.dice.id16() as RequestId) : this.dice.pick(ids)
  }

  #ask(requestId: RequestId): Operation {
    return { kind: 'askCancel', requestId }
  }

  #cancel(requestId: RequestId): Operation {
    const blamed = [
      ...this.scene.members.map(({ card }) => card.publicKey),
      this.hash() as string as PublicKey,
    ]
    return {
      kind: 'cancel',
      requestId,
      reason: this.dice.pick(CANCEL_REASONS),
      reporter: this.dice.pick(blamed),
    }
  }
}
