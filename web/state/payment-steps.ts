// A payment as steps that a person understands. Pure.

import type { PaymentView } from '../../worker/api.ts'
import { money } from '../format.ts'
import { t } from '../messages/t.ts'
import { mediators, type Names } from './route.ts'

export interface Step {
  readonly text: string
  readonly state: 'done' | 'active' | 'todo' | 'failed'
}

export function isPending({ state }: PaymentView): boolean {
  return state === 'searching' || state === 'sending' || state === 'cancelling'
}

/** What leaves me: the amount with the fees, as far as they are known. */
export function totalOfPayment(payment: PaymentView): bigint {
  return BigInt(payment.amount) + BigInt(payment.fees ?? '0')
}

/** In a list: `Waiting for the seller`. */
export function pendingText({ state }: PaymentView): string {
  if (state === 'cancelling') return t('pending.cancelling')
  return state === 'searching' ? t('pending.searching') : t('pending.sending')
}

export function stepsOf(payment: PaymentView, names: Names): readonly Step[] {
  const { state, routes } = payment
  const found = routes.length > 0
  const people = mediators(routes).size
  const via = names(routes[0]?.nodes[1] ?? '')
  const total = money(totalOfPayment(payment), payment.currency)
  const sent = state !== 'searching' && found
  const seller = names(payment.destination)
  return [
    {
      text: !found
        ? t('steps.searching')
        : people === 0
          ? t('steps.direct')
          : t('steps.found', { count: people }),
      state: sent || state === 'paid' ? 'done' : 'active',
    },
    {
      text:
        via === undefined || people === 0 || routes.length > 1
          ? t('steps.aside', { total })
          : t('steps.asideWith', { total, name: via }),
      state: sent || state === 'paid' ? 'done' : 'todo',
    },
    waiting(state, seller, sent),
    { text: t('steps.end'), state: state === 'paid' ? 'done' : 'todo' },
  ]
}

function waiting(state: PaymentView['state'], seller: string | undefined, sent: boolean): Step {
  if (state === 'cancelling') return { text: t('steps.cancelling'), state: 'active' }
  const text = seller === undefined ? t('steps.waitSeller') : t('steps.waitName', { name: seller })
  return { text, state: state === 'paid' ? 'done' : sent ? 'active' : 'todo' }
}
