// A payment's way as a person understands it: names as far as they are known, and what each takes. Pure.

import type { RouteView } from '../../worker/api.ts'
import { amount } from '../format.ts'
import { t } from '../messages/t.ts'

export interface RouteStop {
  /** Missing for people whose names are not known, drawn together. */
  readonly id?: string
  readonly name: string
  readonly note: string
}

/** Names of keys in the address book; undefined where it has none. */
export type Names = (key: string) => string | undefined

/** The stops of all routes taken together: several routes show as so many people. */
export function stopsOf(routes: readonly RouteView[], names: Names): readonly RouteStop[] {
  const [first] = routes
  const [me, ...others] = first?.nodes ?? []
  const seller = others.pop()
  if (first === undefined || me === undefined || seller === undefined) return []
  const gets = routes.reduce((sum, route) => sum + BigInt(route.amount), 0n)
  const fees = routes.reduce((sum, route) => sum + BigInt(route.fees), 0n)
  const between = routes.length === 1 ? others : [...mediators(routes)]
  return [
    { id: me, name: t('route.you'), note: t('route.pay', { amount: amount(gets + fees) }) },
    ...middle(between, fees, names),
    { id: seller, name: names(seller) ?? t('route.seller'), note: t('route.gets', { amount: amount(gets) }) },
  ]
}

/** Everybody who passes a part of the payment on. */
export function mediators(routes: readonly RouteView[]): ReadonlySet<string> {
  return new Set(routes.flatMap(({ nodes }) => nodes.slice(1, -1)))
}

/** Up to two people whose names are all known are shown one by one, others as a number. */
function middle(between: readonly string[], fees: bigint, names: Names): readonly RouteStop[] {
  if (between.length === 0) return []
  const known = between.map((key) => ({ id: key, name: names(key) }))
  const note = between.length === 1 ? t('route.takes', { amount: amount(fees) }) : ''
  const [first] = known
  if (known.length <= 2 && known.every(hasName)) return known.map(({ id, name }) => ({ id, name, note }))
  if (first?.name !== undefined && known.length > 1) {
    const rest = known.length - 1
    return [
      { id: first.id, name: first.name, note: '' },
      { name: t('route.people', { count: rest }), note: t('route.takeTogether', { amount: amount(fees) }) },
    ]
  }
  return [
    { name: t('route.people', { count: known.length }), note: t('route.takes', { amount: amount(fees) }) },
  ]
}

function hasName(stop: { id: string; name: string | undefined }): stop is { id: string; name: string } {
  return stop.name !== undefined
}
