// How bad each hostile server is at what: some only lose packets, others only lie, some do a little of everything.

import type { Dice } from '../dice.ts'

/** How likely each of the names is; the others never happen. At least one is there. */
export function drawHabits<K extends string>(
  dice: Dice,
  names: readonly K[],
  [least, most]: readonly [number, number],
): ReadonlyMap<K, number> {
  const kept = names.filter(() => dice.chance(0.3))
  if (kept.length === 0) kept.push(dice.pick(names))
  return new Map(kept.map((name) => [name, dice.spread(least, most)]))
}
