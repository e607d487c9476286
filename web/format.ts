// Amounts, times and keys as people write and read them. Amounts are exact: bigint in, bigint out.

import { t } from './messages/t.ts'

const MINUS = '\u2212'
const AMOUNT_MAX = (1n << 127n) - 1n
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const whole = new Intl.NumberFormat()
const signed = new Intl.NumberFormat(undefined, { signDisplay: 'exceptZero' })
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const preciseClock = new Intl.DateTimeFormat(undefined, {
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
})
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const fullDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** `1,234`, or `−1,234` with a real minus sign. */
export function amount(value: bigint | string): string {
  return whole.format(BigInt(value)).replace('-', MINUS)
}

/** `+42`, `−28`, `0`. */
export function signedAmount(value: bigint | string): string {
  return signed.format(BigInt(value)).replace('-', MINUS)
}

/** The word after an amount: `credit`, `credits`, or the currency's own name. */
export function unit(currency: string, value: bigint | string): string {
  return currency === 'credit' ? t('unit.credit', { count: BigInt(value) }) : currency
}

/** `61 credits`. */
export function money(value: bigint | string, currency: string): string {
  return `${amount(value)} ${unit(currency, value)}`
}

export type TypedAmount =
  | { readonly ok: true; readonly value: bigint }
  | { readonly ok: false; readonly why: 'empty' | 'fraction' | 'notNumber' | 'tooLarge' | 'negative' }

/**
 * Reads a whole amount as people type it: in the locale's digits, with or without thousands set apart. Whatever could
 * mean two amounts (`7,5`, `1.000` where the point is for decimals) is refused rather than guessed.
 */
export function parseAmount(text: string): TypedAmount {
  const { group, decimal } = separators()
  const typed = toLatinDigits(text.trim()).replace(/[\s\u00a0\u202f_'’]/g, ' ')
  if (typed === '') return { ok: false, why: 'empty' }
  const [, sign = '', size = ''] = /^([-+\u2212]?) ?(.*)$/.exec(typed) ?? []
  const digits = size.replaceAll(group, ' ')
  // Thousands, or lakhs: the last group has three digits.
  if (!/^(\d+|\d{1,3}( \d{2,3})* \d{3})$/.test(digits)) {
    const hasFraction =
      /^[\d ]*[.,\u066b][\d ]*$/.test(size) || /^\d[\d ]*$/.test(size.replaceAll(decimal, ''))
    return { ok: false, why: hasFraction ? 'fraction' : 'notNumber' }
  }
  const value = BigInt(digits.replaceAll(' ', ''))
  if (/[-\u2212]/.test(sign) && value > 0n) return { ok: false, why: 'negative' }
  return value > AMOUNT_MAX ? { ok: false, why: 'tooLarge' } : { ok: true, value }
}

function separators(): { group: string; decimal: string } {
  const parts = whole.formatToParts(1234567)
  const fraction = new Intl.NumberFormat().formatToParts(0.5)
  return {
    group: parts.find(({ type }) => type === 'group')?.value ?? ',',
    decimal: fraction.find(({ type }) => type === 'decimal')?.value ?? '.',
  }
}

/** Digits of the locale's own script count like Latin ones. */
function toLatinDigits(text: string): string {
  const digits = [...new Intl.NumberFormat(undefined, { useGrouping: false }).format(9876543210n)].reverse()
  return [...text].map((char) => (digits.includes(char) ? String(digits.indexOf(char)) : char)).join('')
}

/** `Today`, `Yesterday`, `Monday, 17 November`, with the year if it is another one. */
export function dayName(time: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY_MS)
  if (days === 0 || days === 1) return capitalised(relative.format(-days, 'day'))
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return sameYear ? weekday.format(time) : fullDay.format(time)
}

/** `8:12`. */
export function timeOfDay(time: number): string {
  return clock.format(time)
}

/** `Today, 9:31:47`. */
export function preciseTime(time: number, now: number): string {
  return t('time.at', { day: dayName(time, now), time: preciseClock.format(time) })
}

/** `Today 8:12`, or `Yesterday`, or the date. */
export function shortTime(time: number, now: number): string {
  const day = dayName(time, now)
  return startOfDay(time) === startOfDay(now) ? t('time.short', { day, time: timeOfDay(time) }) : day
}

/** `in 58 minutes`, `in 2 hours`, `in 3 days`. */
export function timeUntil(time: number, now: number): string {
  const minutes = Math.max(0, Math.round((time - now) / MINUTE_MS))
  if (minutes < 90) return relative.format(minutes, 'minute')
  if (minutes < 36 * 60) return relative.format(Math.round(minutes / 60), 'hour')
  return relative.format(Math.round(minutes / 60 / 24), 'day')
}

/** `1.4 s`, between two times. */
export function duration(from: number, to: number): string {
  const seconds = Math.max(0, to - from) / 1000
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: 'second',
    maximumFractionDigits: seconds < 10 ? 1 : 0,
  }).format(seconds)
}

export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0)
}

/** A long text by its two ends: `offstfriend1m855…uuvunx`. */
export function shortText(text: string, head = 16, tail = 6): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}

/** A key by its first characters, in groups that can be read aloud. */
export function shortKey(key: string): string {
  return `${key.slice(0, 4)} ${key.slice(4, 8)}`
}

function capitalised(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}
