// Waits until it is known how a payment ended.

import { fail, ok, type Result } from '../protocol/result.ts'
import type { PaymentView } from '../worker/api.ts'
import type { CardState } from './card-state.ts'
import type { NodeClient } from './client.ts'

/** A payment that took too long is cancelled, and has so long to end. */
const CANCEL_MS = 10_000

/**
 * Waits for the end of a payment; one that takes longer than `timeout_ms` is cancelled, if it still can be.
 * Faults: why it failed, `timedOut` (nothing was paid), `noOutcome` (it may still succeed).
 */
export async function outcomeOf(
  { client, state }: { readonly client: NodeClient; readonly state: CardState },
  id: string,
  timeout_ms: number,
): Promise<Result<PaymentView>> {
  const finished = (): PaymentView | undefined => {
    const payment = state.payments.get(id)
    return payment?.state === 'paid' || payment?.state === 'failed' ? payment : undefined
  }
  const inTime = await state.until(finished, timeout_ms)
  if (!inTime.ok) return noOutcome(inTime.error.message)
  if (inTime.value !== undefined) return judge(inTime.value)
  const cancelled = await client.call('payments.cancel', { id })
  const late = cancelled.ok ? await state.until(finished, CANCEL_MS) : cancelled
  const waited = `${timeout_ms / 1_000} s`
  if (!late.ok || late.value === undefined) return noOutcome(`There is no outcome after ${waited}.`)
  if (late.value.state === 'paid') return ok(late.value)
  return fail('timedOut', `The payment was cancelled, since it took more than ${waited}; nothing was paid.`)
}

function judge(payment: PaymentView): Result<PaymentView> {
  if (payment.state === 'paid') return ok(payment)
  return { ok: false, error: payment.fault ?? fail('failed', 'The node does not say why.').error }
}

function noOutcome(reason: string): Result<never> {
  return fail(
    'noOutcome',
    `${reason} The payment goes on in the node, and may still succeed: do not pay it twice.`,
  )
}
