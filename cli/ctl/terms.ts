// `stctrl config …` for the terms of a friendship, each in one currency: limit, open or closed, rate.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { CurrencyView } from '../../worker/api.ts'
import type { Command, Entry } from '../program.ts'
import { currencyOf, currencyOption, numberOf, ofFriend, quiet } from './command.ts'

const LIMIT_MAX = (1n << 127n) - 1n
const UINT32_MAX = 0xffff_ffffn
/** `mul` counts in parts of 2^32. */
const MUL_UNIT = 1n << 32n
/** A per cent in the ten-millionths of the amount that six decimals can say. */
const PERCENT_DECIMALS = 6
const PERCENT_PARTS = 100n * 10n ** BigInt(PERCENT_DECIMALS)

function setOpen(open: boolean): Command {
  const word = open ? 'open-friend' : 'close-friend'
  return ofFriend({
    about: `${open ? 'accepts' : 'refuses'} payments from a friend, to the card or through it`,
    options: { currency: currencyOption },
    example: `config ${word} -n node1`,
    work: (values) => {
      const currency = currencyOf(values.currency)
      if (!currency.ok) return currency
      return ok(async ({ publicKey }, { client }) => {
        const params = { friend: publicKey, currency: currency.value, open }
        return quiet(await client.call('friends.setOpen', params))
      })
    },
  })
}

const setMaxDebt = ofFriend({
  about: 'sets how much a friend may owe you',
  options: {
    'max-debt': { type: 'string', short: 'm', required: true, value: 'N', about: 'the limit; 0 for nothing' },
    currency: currencyOption,
  },
  example: 'config set-friend-max-debt -n node1 -m 200',
  work: (values) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    const maxDebt = numberOf('max-debt', values['max-debt'], 0n, LIMIT_MAX)
    if (!maxDebt.ok) return maxDebt
    return ok(async ({ publicKey }, { client }) => {
      const params = { friend: publicKey, currency: currency.value, maxDebt: maxDebt.value }
      return quiet(await client.call('friends.setMaxDebt', params))
    })
  },
})

const setRate = ofFriend({
  about: 'sets the fee for passing on what comes from a friend',
  options: {
    add: { type: 'string', short: 'a', value: 'N', about: 'credits for each payment, 0 if left out' },
    percent: {
      type: 'string',
      short: 'p',
      value: 'P',
      about: 'per cent of the amount, below 100, such as 0.5',
    },
    currency: currencyOption,
  },
  example: 'config set-friend-rate -n node1 --add 1 --percent 0.5',
  notes: ['At first it is 1 credit. Fractions of a credit are rounded down.'],
  work: (values) => {
    const currency = currencyOf(values.currency)
    if (!currency.ok) return currency
    if (values.add === undefined && values.percent === undefined) {
      return fail('usage', 'Name --add, --percent or both.')
    }
    const rate = rateOf(values.add ?? '0', values.percent ?? '0')
    if (!rate.ok) return rate
    return ok(async ({ publicKey }, { client }) => {
      const params = { friend: publicKey, currency: currency.value, rate: rate.value }
      return quiet(await client.call('friends.setRate', params))
    })
  },
})

/** `mul` is rounded up, so that one per cent of 100 is 1 and not just below it. Fault `usage`. */
export function rateOf(addText: string, percentText: string): Result<CurrencyView['rate']> {
  const add = numberOf('add', addText, 0n, UINT32_MAX)
  if (!add.ok) return add
  const [, whole = '', decimals = ''] = /^([0-9]{1,2})(?:\.([0-9]{1,6}))?$/.exec(percentText) ?? []
  if (whole === '') {
    return fail('usage', `The value "${percentText}" of --percent is not a number from 0 to 99.999999.`)
  }
  const parts = BigInt(whole + decimals.padEnd(PERCENT_DECIMALS, '0'))
  const mul = (parts * MUL_UNIT + PERCENT_PARTS - 1n) / PERCENT_PARTS
  return ok({ mul: Number(mul), add: Number(add.value) })
}

function currencyCommand(word: 'add-currency' | 'remove-currency', about: string): Command {
  const method = word === 'add-currency' ? 'friends.addCurrency' : 'friends.removeCurrency'
  return ofFriend({
    about,
    options: { currency: { ...currencyOption, required: true, about: 'its name, at most 16 bytes' } },
    example: `config ${word} -n node1 -c hours`,
    work: (values) => {
      const currency = currencyOf(values.currency)
      if (!currency.ok) return currency
      return ok(async ({ publicKey, name, currencies }, { client }) => {
        const isThere = currencies.some((one) => one.currency === currency.value)
        if (word === 'add-currency' && isThere) {
          return fail('exists', `There is ${currency.value} with "${name}" already.`)
        }
        if (word === 'remove-currency' && !isThere) {
          return fail('unknownCurrency', `There is no ${currency.value} with "${name}".`)
        }
        return quiet(await client.call(method, { friend: publicKey, currency: currency.value }))
      })
    },
  })
}

export const termCommands: Readonly<Record<string, Entry>> = {
  'open-friend': setOpen(true),
  'close-friend': setOpen(false),
  'set-friend-max-debt': setMaxDebt,
  'set-friend-rate': setRate,
  'add-currency': currencyCommand('add-currency', 'keeps one more currency with a friend'),
  'remove-currency': currencyCommand(
    'remove-currency',
    'gives a currency with a friend up, when nothing is owed in it',
  ),
}
