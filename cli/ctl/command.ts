// What the commands of stctrl share: options, the connection to the node, and how they end.

import type { CardState } from '../../client/card-state.ts'
import type { NodeClient } from '../../client/client.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { isBlankName, isCurrency } from '../../worker/core/names.ts'
import type { FriendView } from '../../worker/api.ts'
import type { Options, Values } from '../args.ts'
import { command, type Command } from '../program.ts'
import { EXIT, type Terminal } from '../terminal.ts'
import { connect } from './connect.ts'

/** A node that answers, and what it shows. */
export interface Control {
  readonly client: NodeClient
  readonly state: CardState
  readonly terminal: Terminal
}

/** Connects when it is called: what can be refused before needs no node. */
export type OpenControl = () => Promise<Result<Control>>

/** Lines to print, or why it could not be done. */
export type Lines = Result<readonly string[]>

/** Who asks, and which node: the options of every command. */
export const who = {
  idfile: {
    type: 'string',
    short: 'I',
    required: true,
    value: 'FILE',
    about: 'who asks: the identity of an app',
  },
  ticket: {
    type: 'string',
    short: 'T',
    required: true,
    value: 'FILE',
    about: 'which node: its node ticket, or its friend ticket',
  },
} as const

/** How every example begins. */
export const EXAMPLE = 'stctrl -I app0.ident -T node0.ticket'

interface Description<O extends Options> {
  readonly about: string
  readonly options: O
  /** What follows who asks. */
  readonly example: string
  readonly notes?: readonly string[]
  readonly work: (values: Values<O>, open: OpenControl) => Promise<Lines>
}

/** A command of stctrl: it resolves to the lines to print, or to why it could not be done. */
export function control<const O extends Options>(description: Description<O>): Command {
  const { about, options, example, notes = [], work } = description
  return command({
    about,
    options: { ...who, ...options },
    examples: [`${EXAMPLE} ${example}`],
    notes,
    run: async (values, terminal) => {
      // All options are there: those that are not of `who` are the command's own.
      const own = values as unknown as Values<O> & Values<typeof who>
      let opened: Result<Control> | undefined
      const result = await work(own, async () => (opened = await connect(own, terminal)))
      if (opened?.ok === true) opened.value.client.close()
      terminal.screen?.status(undefined)
      if (result.ok) {
        for (const line of result.value) terminal.out(line)
        return EXIT.ok
      }
      terminal.error(result.error.message)
      return result.error.code === 'usage' ? EXIT.usage : EXIT.refused
    },
  })
}

/** Nothing to say: it is done. */
export function quiet(result: Result<unknown>): Lines {
  return result.ok ? ok([]) : result
}

/** For programs: amounts are decimal strings, times milliseconds since 1970. */
export function toJson(value: unknown): string[] {
  return [JSON.stringify(value, null, 2)]
}

/** Oldest first. */
export function byTime<T extends { readonly created: number }>(views: ReadonlyMap<string, T>): T[] {
  return [...views.values()].sort((a, b) => a.created - b.created)
}

export function nameOption(noun: string) {
  return { type: 'string', short: 'n', required: true, value: 'NAME', about: `the ${noun}'s name` } as const
}
export const currencyOption = {
  type: 'string',
  short: 'c',
  value: 'CURRENCY',
  about: '"credit" if it is left out',
} as const
export const jsonOption = { type: 'boolean', about: 'prints JSON, for programs' } as const

/** A command about the friend of a name. */
export function ofFriend<const O extends Options>(
  description: Omit<Description<O>, 'work'> & {
    /** Before anybody is asked: what is wrong with the options. */
    readonly work: (values: Values<O>) => Result<FriendWork>
  },
): Command {
  const options = { name: nameOption('friend'), ...description.options }
  return control({
    ...description,
    options,
    work: async (values, open) => {
      const own = values as unknown as Values<O> & { readonly name: string }
      const work = description.work(own)
      if (!work.ok) return work
      const opened = await open()
      if (!opened.ok) return opened
      const friend = findByName(opened.value.state.friends, own.name, 'friend')
      return friend.ok ? work.value(friend.value, opened.value) : friend
    },
  })
}

export type FriendWork = (friend: FriendView, control: Control) => Promise<Lines>

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

/** Names are how commands tell things apart: none is given twice, none is given anew by accident. */
export function checkFreeName(
  items: readonly { readonly name: string; readonly publicKey: string }[],
  added: { readonly name: string; readonly publicKey: string },
  noun: string,
): Result<void> {
  for (const { name, publicKey } of items) {
    const isSame = publicKey === added.publicKey
    if (isSame) return fail('exists', `This node has this ${noun} already, as "${name}".`)
    if (name === added.name) return fail('nameTaken', `There is another ${noun} "${name}": choose a name.`)
  }
  return ok(undefined)
}
