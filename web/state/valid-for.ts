// How long an invoice can be paid: the choices that the user has.

const HOUR_MS = 3_600_000

/** Milliseconds; undefined for ever. */
export const VALID_FOR = {
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  always: undefined,
} as const
export type ValidForName = keyof typeof VALID_FOR
