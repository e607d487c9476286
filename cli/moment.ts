// Moments as people type them: a time from now or ago, or a date.

import { fail, ok, type Result } from '../protocol/result.ts'

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** When something expires: `30m`, `12h`, `7d` from now, or a moment to come, in ISO 8601; fault `usage`. */
export function expiryOf(text: string, now: number): Result<number> {
  const moment = momentOf(text, now, 1)
  if (moment === undefined) {
    return fail('usage', `The expiry "${text}" is neither like 30m, 12h, 7d nor like 2030-01-31T18:00Z.`)
  }
  return moment > now ? ok(moment) : fail('usage', `The expiry "${text}" has passed already.`)
}

/** Since when: `30m`, `12h`, `7d` ago, or a moment in ISO 8601; fault `usage`. */
export function sinceOf(text: string, now: number): Result<number> {
  const moment = momentOf(text, now, -1)
  if (moment !== undefined) return ok(moment)
  return fail('usage', `The time "${text}" is neither like 30m, 12h, 7d nor like 2030-01-31T18:00Z.`)
}

/** Milliseconds since 1970. */
function momentOf(text: string, now: number, direction: 1 | -1): number | undefined {
  const [, count, unit = ''] = /^([0-9]{1,6})([mhd])$/.exec(text) ?? []
  if (count !== undefined) return now + direction * Number(count) * (UNIT_MS[unit] ?? 0)
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined
  const moment = Date.parse(text)
  return Number.isNaN(moment) ? undefined : moment
}
