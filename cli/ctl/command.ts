// What the commands of stctrl share: options, the connection to the node, and how they end.

import { fail, ok, type Result } from '../../protocol/result.ts'
import { isBlankName, isCurrency } from '../../worker/core/names.ts'
import { EXIT, parseOptions, type Option, type Terminal, type Values } from '../args.ts'
import type { CardState } from '../../client/card-state.ts'
import type { NodeClient } from '../../client/client.ts'

/** A node that answers, and what it shows. */
export interface Control {
  readonly client: NodeClient
  readonly state: CardState
}

/** Connects when it is called: what can be refused before needs no node. */
export type OpenControl = () => Promise<Result<Control>>

export type ControlCommand = (
  args: readonly string[],
  open: OpenControl,
  terminal: Terminal,
) => Promise<number>

/** A command that gets its options parsed; it resolves to the lines to print, or to why it could not be done. */
export function command<const O extends Readonly<Record<string, Option>>>(
  options: O,
  work: (values: Values<O>, open: OpenControl) => Promise<Result<readonly string[]>>,
): ControlCommand {
  return async (args, open, terminal) => {
    const values = parseOptions(args, options)
    const result = values.ok ? await work(values.value, open) : values
    if (result.ok) {
      for (const line of result.value) terminal.out(line)
      return EXIT.ok
    }
    terminal.error(result.error.message)
    return result.error.code === 'usage' ? EXIT.usage : EXIT.refused
  }
}

export const nameOption = { type: 'string', short: 'n', required: true } as const
export const currencyOption = { type: 'string', short: 'c' } as const

const DEFAULT_CURRENCY = 'credit'

/** The currency of `-c`, or the one that every friendship has; fault `usage`. */
export function currencyOf(text: string | undefined): Result<string> {
  const currency = text ?? DEFAULT_CURRENCY
  if (isCurrency(currency)) return ok(currency)
  return fail('usage', `The currency "${currency}" is longer than 16 bytes, or has spaces around it.`)
}

/** A name to give; fault `usage`. */
export function checkName(name: string): Result<void> {
  if (!isBlankName(name)) return ok(undefined)
  return fail('usage', `The name "${name}" is blank, longer than 64 bytes, or holds control characters.`)
}

/** A whole number from `min` to `max` as the API writes it; fault `usage`. */
export function numberOf(option: string, text: string, min: bigint, max: bigint): Result<string> {
  const value = /^-?[0-9]{1,39}$/.test(text) ? BigInt(text) : undefined
  if (value !== undefined && value >= min && value <= max) return ok(String(value))
  return fail('usage', `The value "${text}" of --${option} is not a whole number from ${min} to ${max}.`)
}

/** The one of this name; `noun` says in the fault what was looked for. */
export function findByName<T extends { readonly name: string }>(
  items: readonly T[],
  name: string,
  noun: string,
): Result<T> {
  const [found, second] = items.filter((item) => item.name === name)
  if (second !== undefined)
    return fail('ambiguousName', `There are two ${noun}s "${name}": rename one first.`)
  if (found !== undefined) return ok(found)
  const names = items.map((item) => `"${item.name}"`).join(', ')
  return fail('unknownName', `There is no ${noun} "${name}"${names === '' ? '' : `, only ${names}`}.`)
}
