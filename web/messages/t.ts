// Texts by key, from the catalogue of the user's language: variables by name, plurals by the language's rules.

import { en } from './en.ts'

type Catalogue = typeof en
export type MessageKey = keyof Catalogue

type Names<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Forms<M> = M extends string ? M : M extends { readonly other: infer Other } ? Other | M[keyof M] : never
type Vars<K extends MessageKey> = Names<Forms<Catalogue[K]>> | (Catalogue[K] extends string ? never : 'count')
type Value = string | number | bigint

/** Language of the catalogue in use. */
export const LANGUAGE = 'en'

const plurals = new Intl.PluralRules(LANGUAGE)
const numbers = new Intl.NumberFormat()

/** The text `key`; a message with plural forms picks one by its variable `count`. */
export function t<K extends MessageKey>(
  key: K,
  ...vars: [Vars<K>] extends [never] ? [] : [vars: Record<Vars<K>, Value>]
): string {
  return render(key, vars[0] ?? {})
}

/** The text `prefix + name` where the catalogue has one: for codes that come from elsewhere. */
export function textOf(prefix: string, name: string, vars: Record<string, Value> = {}): string | undefined {
  const key = prefix + name
  return isKey(key) ? render(key, vars) : undefined
}

function render(key: MessageKey, vars: Readonly<Record<string, Value>>): string {
  const message: string | { readonly one?: string; readonly other: string } = en[key]
  const form = typeof message === 'string' ? message : pick(message, vars['count'])
  return form.replace(/\{(\w+)\}/g, (_, name: string) => show(vars[name]))
}

function pick(forms: { readonly one?: string; readonly other: string }, count: Value | undefined): string {
  return plurals.select(Number(count ?? 0)) === 'one' ? (forms.one ?? forms.other) : forms.other
}

function show(value: Value | undefined): string {
  return typeof value === 'string' || value === undefined ? (value ?? '') : numbers.format(value)
}

function isKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key)
}
