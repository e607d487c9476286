// A rate as people say it: so many credits each, and so many per cent. Pure.

import type { CurrencyView } from '../../worker/api.ts'
import { money } from '../format.ts'
import { t } from '../messages/t.ts'

const UNIT = 2 ** 32
/** The largest `mul` is just under 100 %. */
export const PERCENT_MAX = 99.99
/** Largest flat part of a rate. */
export const FLAT_MAX = 0xffff_ffffn

type Rate = CurrencyView['rate']

export function percentOf({ mul }: Rate): number {
  return Number(((mul / UNIT) * 100).toFixed(4))
}

export function rateOf(flat: bigint, percent: number): Rate {
  return { mul: Math.min(UNIT - 1, Math.round((percent / 100) * UNIT)), add: Number(flat) }
}

/** `1 credit each`, `free`, `0.5 %`, `1 credit + 0.5 %`. */
export function feeWords({ rate, currency }: CurrencyView): string {
  const percent = percentOf(rate).toLocaleString(undefined, { maximumFractionDigits: 4 })
  const flat = money(BigInt(rate.add), currency)
  if (rate.mul === 0) return rate.add === 0 ? t('fee.free') : t('fee.each', { flat })
  return rate.add === 0 ? t('fee.percent', { percent }) : t('fee.both', { flat, percent })
}
