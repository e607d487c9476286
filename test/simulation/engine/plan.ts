// What a seed decides about its world before anything happens: swarm testing, in which each world has some kinds of
// trouble and not others, so that none drowns another.

import { Dice } from './dice.ts'
import { SHAPES, type Shape } from './topology.ts'

/** Trouble that an honest card must survive without a word of its owner. */
export const NATURAL_FAULTS = [
  'flap',
  'unplug',
  'partition',
  'frame',
  'relayDown',
  'indexDown',
  'crash',
  'night',
  'clock',
  'slowDevice',
  'diskFull',
  'disable',
  'limit',
  'close',
  'rate',
  'currency',
  'relays',
] as const
/** Trouble after which two people have to agree anew. */
export const GRAVE_FAULTS = ['restore', 'twin', 'remove', 'reset'] as const
/** Natural as well, but drawn apart, so that older seeds keep their worlds. */
const LATER_FAULTS = ['program'] as const
export type FaultName =
  (typeof NATURAL_FAULTS)[number] | (typeof GRAVE_FAULTS)[number] | (typeof LATER_FAULTS)[number]

export const ERRANDS = [
  'pay',
  'payInvoice',
  'payQuoted',
  'payTwice',
  'burst',
  'cancelPayment',
  'cancelInvoice',
] as const
export type ErrandName = (typeof ERRANDS)[number]

export interface Plan {
  readonly shape: Shape
  readonly size: number
  readonly steps: number
  readonly relays: number
  readonly indexServers: number
  /** One-way delays of the network, in ms. */
  readonly delays: readonly [number, number]
  readonly currencies: readonly string[]
  /** How often a step is a fault, and which kinds, by weight. */
  readonly faultShare: number
  readonly faults: Readonly<Partial<Record<FaultName, number>>>
  readonly errands: Readonly<Partial<Record<ErrandName, number>>>
  /** Payments of one burst. */
  readonly burstMax: number
  /** How often a payment is sent in several parts. */
  readonly splitShare: number
  /** Which of the cards attack, and how. */
  readonly attacks: ReadonlyMap<number, string>
  /** Whether relays and index servers lie. */
  readonly hostileRelay: boolean
  readonly hostileIndex: boolean
}

export interface PlanOptions {
  /** Shape of all worlds instead of one that the seed chooses. */
  readonly world?: Shape | undefined
  /** Steps of all worlds instead of what the seed chooses. */
  readonly steps?: number | undefined
  /** Whether there are a relay and an index server that lie in all worlds, instead of where the seed says so. */
  readonly servers?: 'hostile' | undefined
  /** An attack that some card of each world runs, whatever else the seed chooses. */
  readonly attack?: string | undefined
}

/** @param attacks names of those that there are. */
export function planOf(seed: string, attacks: readonly string[], options: PlanOptions): Plan {
  const dice = new Dice(`${seed}/plan`)
  const size = Math.max(drawSize(dice), options.attack === undefined ? 2 : 3)
  const steps = dice.between(20, 90)
  const isGrave = dice.chance(0.3)
  const isHostile = dice.chance(0.35) || options.attack !== undefined
  const isLying = dice.chance(0.25)
  const shape = dice.pick(SHAPES)
  return {
    shape: options.world ?? shape,
    size,
    steps: options.steps ?? steps,
    relays: dice.between(1, 3),
    indexServers: dice.between(1, 2),
    delays: [dice.between(1, 30), dice.between(30, dice.chance(0.2) ? 1_500 : 150)],
    currencies: dice.chance(0.3) ? ['credit', 'hours'] : ['credit'],
    faultShare: dice.chance(0.1) ? 0 : dice.spread(0.05, 0.7),
    faults: {
      ...swarm(dice, NATURAL_FAULTS),
      ...(isGrave ? swarm(dice, GRAVE_FAULTS) : {}),
      ...swarm(dice.fork('later'), LATER_FAULTS),
    },
    errands: { pay: 1, ...swarm(dice, ERRANDS) },
    burstMax: dice.chance(0.1) ? 400 : dice.between(2, 80),
    splitShare: dice.chance(0.4) ? dice.unit() : 0,
    attacks: isHostile && size > 2 ? drawAttacks(dice, size, attacks, options.attack) : new Map(),
    hostileRelay: (isLying && dice.chance(0.6)) || options.servers === 'hostile',
    hostileIndex: (isLying && dice.chance(0.6)) || options.servers === 'hostile',
  }
}

/** Mostly a few cards, sometimes a village. */
function drawSize(dice: Dice): number {
  const kind = dice.weighted({ few: 65, some: 28, many: 6.5, village: 0.5 })
  const ranges = { few: [2, 6], some: [7, 16], many: [17, 50], village: [51, 200] } as const
  const [from, to] = ranges[kind]
  return dice.between(from, to)
}

/** About half of the names, each with a weight of its own. */
function swarm<K extends string>(dice: Dice, names: readonly K[]): Partial<Record<K, number>> {
  const weights: Partial<Record<K, number>> = {}
  for (const name of names) if (dice.chance(0.5)) weights[name] = dice.spread(0.2, 5)
  return weights
}

function drawAttacks(
  dice: Dice,
  size: number,
  names: readonly string[],
  wanted: string | undefined,
): Map<number, string> {
  const attackers = dice.shuffled(Array.from({ length: size }, (_, number) => number))
  const count = dice.between(1, Math.max(1, Math.floor(size / 4)))
  const drawn = attackers.slice(0, count).map((number) => [number, dice.pick(names)] as const)
  return new Map(drawn.map(([number, name], index) => [number, index === 0 ? (wanted ?? name) : name]))
}
