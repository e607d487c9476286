// What an app may do, on a command line: its permissions and its budgets.

import { PERIODS, PERMISSIONS, type AppTicket, type Budget, type Permission } from '../protocol/forms.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { isCurrency } from '../worker/core/names.ts'

const flag = (about: string) => ({ type: 'boolean', about }) as const

export const grantOptions = {
  pread: flag('look at everything, which every app may'),
  pconfig: flag('configure friends, limits and servers'),
  proutes: flag('ask for routes'),
  pfunds: flag('pay'),
  psell: flag('make and cancel invoices'),
  budget: {
    type: 'string',
    value: 'BUDGETS',
    about: 'what it may spend: CURRENCY:AMOUNT/day, /week or /month, several with commas between; else all',
  },
} as const

type Grant = Pick<AppTicket, 'permissions' | 'budgets'>

/** @param otherwise what it may do if no flag is given; fault `usage` if missing. */
export function readGrant(
  options: { readonly [P in Permission as `p${P}`]: boolean } & { readonly budget?: string | undefined },
  otherwise: readonly Permission[] = [],
): Result<Grant> {
  const named = PERMISSIONS.filter((permission) => options[`p${permission}` as const])
  const granted = named.length === 0 ? otherwise : named
  if (granted.length === 0) {
    const flags = PERMISSIONS.map((permission) => `--p${permission}`).join(', ')
    return fail('usage', `No permission is given: name at least one of ${flags}.`)
  }
  // What an app may change it has to see.
  const permissions = PERMISSIONS.filter(
    (permission) => permission === 'read' || granted.includes(permission),
  )
  if (options.budget === undefined) return ok({ permissions })
  const budgets = readBudgets(options.budget)
  return budgets.ok ? ok({ permissions, budgets: budgets.value }) : budgets
}

/** `credit:1000/day,hours:5/week`; fault `usage`. */
function readBudgets(text: string): Result<readonly Budget[]> {
  const budgets: Budget[] = []
  for (const part of text.split(',')) {
    const [, currency = '', amount = '', name] = /^(.*):([0-9]{1,39})\/([a-z]+)$/.exec(part) ?? []
    const period = PERIODS.find((each) => each === name)
    if (period === undefined || !isCurrency(currency)) {
      return fail('usage', `The budget "${part}" is not like credit:1000/day: use ${PERIODS.join(', ')}.`)
    }
    budgets.push({ currency, amount: BigInt(amount), period })
  }
  return ok(budgets)
}
