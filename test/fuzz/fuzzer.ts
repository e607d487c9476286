// The loop: mutates what a decoder is known to take, and keeps each mutant that leads to something new, so that the
// next ones start from there.

import type { Fault } from '../../protocol/result.ts'
import { FuzzRandom } from './random.ts'

/** What a decoder made of one input. */
export type Outcome =
  /** `shape` tells apart what differs in kind, not in values. */
  { readonly accepted: true; readonly shape: string } | { readonly accepted: false; readonly fault: Fault }

/** One decoder and what goes into it. */
export interface Target<I> {
  readonly name: string
  /** Inputs that it takes, made by the real encoders. */
  readonly seeds: readonly I[]
  /** Codes of the faults that it documents; any, if missing. */
  readonly faults?: readonly string[]
  /** A run costs as much as this many of other targets, 1 if missing: it gets so many fewer if nobody says how many. */
  readonly cost?: number
  mutate(random: FuzzRandom, input: I, other: I): I
  /** Decodes and checks what came of it; whatever it throws is a violation. */
  decode(input: I): Outcome | Promise<Outcome>
  sizeOf(input: I): number
  /** How a person pins the input as a test. */
  show(input: I): string
}

export interface Violation {
  readonly target: string
  readonly seed: string
  /** -1-n for the n-th input that it has to take. */
  readonly run: number
  readonly input: string
  readonly message: string
}

export interface Report {
  readonly target: string
  readonly runs: number
  readonly accepted: number
  readonly refused: number
  /** Different outcomes seen. */
  readonly outcomes: number
  readonly violations: readonly Violation[]
}

/** A target whose inputs nobody but itself looks at. */
export interface FuzzTarget {
  readonly name: string
  readonly cost: number
  fuzz(options: { readonly seed: string; readonly runs: number }): Promise<Report>
}

/** Characters of what a decoder says about what it refuses: it does not repeat a long input. */
export const FAULT_CHARACTERS_MAX = 400

/** Inputs that new ones are made of, and the size of the largest one that is kept. */
const CORPUS_MAX = 1_024
const CORPUS_SIZE_MAX = 8_192
/** Outcomes told apart; those beyond lead to no new input. */
const OUTCOMES_MAX = 8_192
const VIOLATIONS_MAX = 5
/** Runs after which the test runner gets its turn. */
const RUNS_AT_ONCE = 1_000

export function defineTarget<I>(target: Target<I>): FuzzTarget {
  const { name, cost = 1 } = target
  return { name, cost, fuzz: ({ seed, runs }) => new Fuzzer(target, seed).fuzz(runs) }
}

class Fuzzer<I> {
  readonly #target: Target<I>
  readonly #seed: string
  readonly #random: FuzzRandom
  readonly #corpus: I[]
  readonly #outcomes = new Set<string>()
  readonly #violations: Violation[] = []
  #accepted = 0
  #refused = 0

  constructor(target: Target<I>, seed: string) {
    this.#target = target
    this.#seed = seed
    this.#random = new FuzzRandom(`${seed}/${target.name}`)
    this.#corpus = [...target.seeds]
  }

  async fuzz(runs: number): Promise<Report> {
    const { stackTraceLimit } = Error
    // Half of the time would go into the stacks of errors that nobody reads; whoever pins an input sees its own.
    Error.stackTraceLimit = 0
    try {
      return await this.#fuzz(runs)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  async #fuzz(runs: number): Promise<Report> {
    const { seeds, name } = this.#target
    for (const [index, input] of seeds.entries()) await this.#run(input, -1 - index)
    const isSound = this.#accepted === seeds.length
    if (!isSound) throw new Error(`${name} does not take its own seeds: ${[...this.#outcomes].join('; ')}`)
    let run = 0
    for (; run < runs && this.#violations.length < VIOLATIONS_MAX; run++) {
      await this.#run(this.#mutant(), run)
      if (run % RUNS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    return {
      target: name,
      runs: run,
      accepted: this.#accepted - seeds.length,
      refused: this.#refused,
      outcomes: this.#outcomes.size,
      violations: this.#violations,
    }
  }

  #mutant(): I {
    const random = this.#random
    const base = random.pick(random.once(2) ? this.#target.seeds : this.#corpus)
    return this.#target.mutate(random, base, random.pick(this.#corpus))
  }

  async #run(input: I, run: number): Promise<void> {
    try {
      const decoding = this.#target.decode(input)
      this.#note(input, decoding instanceof Promise ? await decoding : decoding)
    } catch (error) {
      const message = String(error)
      const { name: target } = this.#target
      this.#violations.push({ target, seed: this.#seed, run, input: this.#target.show(input), message })
    }
  }

  #note(input: I, outcome: Outcome): void {
    if (outcome.accepted) this.#accepted += 1
    else this.#refused += 1
    const isNew = this.#outcomes.size < OUTCOMES_MAX && this.#isNew(nameOf(outcome))
    if (!outcome.accepted) this.#checkFault(outcome.fault)
    if (!isNew || this.#corpus.length >= CORPUS_MAX || this.#target.sizeOf(input) > CORPUS_SIZE_MAX) return
    this.#corpus.push(input)
  }

  #isNew(outcome: string): boolean {
    const before = this.#outcomes.size
    return this.#outcomes.add(outcome).size > before
  }

  #checkFault({ code, message }: Fault): void {
    const { faults } = this.#target
    demand(
      faults === undefined || faults.includes(code),
      `a fault that is not documented: ${code} (${message})`,
    )
    demand(message.length <= FAULT_CHARACTERS_MAX, `a fault of ${message.length} characters`)
  }
}

/** A property of the decoder; what breaks it is a violation. */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** The sentence without the values in it: what is left says where the decoder stopped, and why. */
function nameOf(outcome: Outcome): string {
  if (outcome.accepted) return `takes ${outcome.shape}`
  const { code, message } = outcome.fault
  const pattern = message
    .slice(0, 200)
    .replace(/["“][^]*(?:["”]|$)/, '"…"')
    .replace(/[\w-]{22,}/g, '…')
    .replace(/\b[0-9a-f]{2,}\b|\d+/g, '#')
  return `${code}: ${pattern.slice(0, 100)}`
}
