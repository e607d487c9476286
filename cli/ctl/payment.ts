// A payment from its order to its end.

import { outcomeOf as waitForOutcome } from '../../client/outcome.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { toBase64url } from '../../protocol/wire.ts'
import type { ParamsOf, PaymentView } from '../../worker/api.ts'
import { systemRandom } from '../system.ts'
import type { Control } from './command.ts'

/** After its time a payment is cancelled, and has so long to end. */
const CANCEL_MS = 10_000
const PAYMENT_ID_BYTES = 16

/** What a payment may cost, and how long it may take. */
export interface Patience {
  readonly maxFees: string
  readonly timeout_ms: number
}

type Target =
  | Pick<Extract<ParamsOf<'payments.pay'>, { invoice: string }>, 'invoice'>
  | Omit<Extract<ParamsOf<'payments.pay'>, { destination: string }>, 'id' | 'maxFees' | 'routes'>

/** Pays, and waits for the end; faults are the node's, and those of `outcomeOf`. */
export async function pay(
  control: Control,
  patience: Patience,
  target: Target,
): Promise<Result<PaymentView>> {
  const id = toBase64url(systemRandom(PAYMENT_ID_BYTES))
  const params = { id, maxFees: patience.maxFees, ...target }
  const begun = await control.client.call('payments.pay', params)
  return begun.ok ? outcomeOf(control, id, patience) : begun
}

/** Pays the card itself; faults as of `pay`. */
export async function rebalance(
  control: Control,
  patience: Patience,
  cycle: Omit<ParamsOf<'payments.rebalance'>, 'id' | 'maxFees'>,
): Promise<Result<PaymentView>> {
  const id = toBase64url(systemRandom(PAYMENT_ID_BYTES))
  const begun = await control.client.call('payments.rebalance', { id, maxFees: patience.maxFees, ...cycle })
  return begun.ok ? outcomeOf(control, id, patience) : begun
}

/** Waits for the end of a payment, and shows how it goes; one that takes too long is cancelled, if it can be. */
export async function outcomeOf(
  control: Control,
  id: string,
  { timeout_ms }: Patience,
): Promise<Result<PaymentView>> {
  const { state, terminal } = control
  const show = (): void => {
    const payment = state.payments.get(id)
    if (payment !== undefined) terminal.screen?.status(progressOf(payment))
  }
  show()
  const stopShowing = state.onChange(show)
  const outcome = await waitForOutcome(control, id, timeout_ms)
  stopShowing()
  if (outcome.ok || outcome.error.code === 'noOutcome') return outcome
  return fail(outcome.error.code, `Payment failed: ${outcome.error.message}`)
}

/** Cancels a payment under way; faults say that it ended otherwise, or may still do so. */
export async function cancel({ client, state }: Control, id: string): Promise<Result<void>> {
  const payment = state.payments.get(id)
  if (payment?.state === 'paid') return fail('paid', 'This payment has succeeded already: it is paid.')
  if (payment?.state === 'failed') return fail('failed', 'This payment has failed already: nothing was paid.')
  const cancelled = await client.call('payments.cancel', { id })
  if (!cancelled.ok) return cancelled
  const ended = await state.until(() => {
    const now = state.payments.get(id)
    return isFinished(now) ? now : undefined
  }, CANCEL_MS)
  if (!ended.ok) return ended
  if (ended.value?.state === 'failed') return ok(undefined)
  if (ended.value?.state === 'paid') return fail('paid', 'It was too late: the payment has succeeded.')
  return fail(
    'noOutcome',
    'It is not known yet whether the payment could be cancelled: it may still succeed.',
  )
}

function isFinished(payment: PaymentView | undefined): boolean {
  return payment?.state === 'paid' || payment?.state === 'failed'
}

function progressOf({ state, routes, amount, currency }: PaymentView): string {
  switch (state) {
    case 'searching':
      return 'Looking for a way …'
    case 'sending':
      return `Paying ${amount} ${currency} over ${routes.length === 1 ? 'one way' : `${routes.length} ways`} …`
    case 'cancelling':
      return 'Cancelling …'
    case 'paid':
    case 'failed':
      return 'Done.'
  }
}
