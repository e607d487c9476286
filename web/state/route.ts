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

/** People on the way who are named one by one. */
const NAMES_MAX = 2

/** Names of keys in the address book; undefined where it has none. */
export type Names = (key: string) => string | undefined

/** The stops of all routes taken together: several routes show as those whom they pass, beside each other. */
export function stopsOf(routes: readonly RouteView[], names: Names): readonly RouteStop[] {
  const [first] = routes
  const [me, ...others] = first?.nodes ?? []
  const seller = others.pop()
  if (first === undefined || me === undefined || seller === undefined) return []
  const gets = routes.reduce((sum, route) => sum + BigInt(route.amount), 0n)
  const fees = routes.reduce((sum, route) => sum + BigInt(route.fees), 0n)
  return [
    { id: me, name: t('route.you'), note: t('route.pay', { amount: amount(gets + fees) }) },
    ...(routes.length === 1 ? middle(others, fees, names) : beside(routes, names)),
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
  if (known.length <= NAMES_MAX && known.every(hasName))
    return known.map(({ id, name }) => ({ id, name, note }))
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

/** Several routes at once, in one stop: who is on which of them would not fit into a picture. */
function beside(routes: readonly RouteView[], names: Names): readonly RouteStop[] {
  const between = [...mediators(routes)].map((key) => ({ id: key, name: names(key) }))
  const isKnown = between.length <= NAMES_MAX && between.every(hasName)
  const name = isKnown
    ? between.map((person) => person.name).join(', ')
    : t('route.people', { count: between.length })
  return [{ name, note: t('route.ways', { count: routes.length }) }]
}

function hasName(stop: { id: string; name: string | undefined }): stop is { id: string; name: string } {
  return stop.name !== undefined
}
