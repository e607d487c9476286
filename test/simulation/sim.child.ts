// `npm run sim`: runs worlds of many seeds in several processes, adds up what happened, and tells of each world in
// which something was wrong the shortest beginning that shows it.

import { fork } from 'node:child_process'
import { cpus } from 'node:os'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { ATTACKS } from './engine/attacks.ts'
import { federationReport, tellFederation } from './engine/federation/report.ts'
import { simulateFederation } from './engine/federation/world.ts'
import { MUTANTS, type MutantName } from './engine/mutants.ts'
import { simulate, type Outcome, type SimulationOptions } from './engine/simulation.ts'
import { SHAPES } from './engine/topology.ts'

const USAGE = `usage: npm run sim -- --seeds A..B [options]     run the worlds of these seeds
       npm run sim -- --replay SEED [options]    tell the story of one world

  --world SHAPE      ${SHAPES.join(', ')}; without: as the seed decides
  --world federation 500 cards, three federated index servers: how many of the payments that the ledgers allow
                     succeed; --steps are its payments, and --attack and what follows is not for it
  --size N           cards of a federation
  --every MS         mean time between two payments of a federation
  --steps N          steps of each world before everything is repaired and judged
  --attack NAME      one card of each world runs this attack: ${Object.keys(ATTACKS).join(', ')}
  --servers hostile  each world has a relay and an index server that lie
  --mutant NAME      all cards run a broken program: ${Object.keys(MUTANTS).join(', ')}
  --processes N      how many run at once; without: one for each processor
  --json             one object at the end, for programs

Seeds are numbers from 0 to 2^64-1. Exit code 1: something was wrong in a world, or less than 99 % of what a
federation's ledgers allowed was paid; 2: not understood.`

/** Of the payments that the network's credit allows. */
const SHARE_MIN = 0.99

const WORLDS = [...SHAPES, 'federation'] as const

/** What to run for each seed. */
interface Options extends Omit<SimulationOptions, 'world'> {
  readonly world: (typeof WORLDS)[number] | undefined
  readonly size: number | undefined
  readonly every_ms: number | undefined
}

/** Outcome of a world as it comes from a child process. */
interface Line {
  readonly seed: string
  readonly steps: number
  readonly counts: Readonly<Record<string, number>>
  readonly violations: readonly string[]
  readonly story: readonly string[]
}

interface Share {
  readonly from: string
  readonly to: string
  /** Each process takes every so-manieth seed. */
  readonly every: string
  readonly options: Options
}

interface Task {
  readonly from: bigint
  readonly to: bigint
  readonly processes: number
  readonly options: Options
  readonly isJson: boolean
}

class UsageError extends Error {}

async function main(): Promise<number> {
  if (process.argv[2] === 'share') return runShare(JSON.parse(process.argv[3] ?? '') as Share)
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      replay: { type: 'string' },
      world: { type: 'string' },
      size: { type: 'string' },
      steps: { type: 'string' },
      every: { type: 'string' },
      attack: { type: 'string' },
      servers: { type: 'string' },
      mutant: { type: 'string' },
      processes: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(USAGE)
    return 0
  }
  const options: Options = {
    world: oneOf('--world', values.world, WORLDS),
    size: values.size === undefined ? undefined : Number(natural('--size', values.size)),
    every_ms: values.every === undefined ? undefined : Number(natural('--every', values.every)),
    steps: values.steps === undefined ? undefined : Number(natural('--steps', values.steps)),
    attack: oneOf('--attack', values.attack, Object.keys(ATTACKS)),
    servers: oneOf('--servers', values.servers, ['hostile'] as const),
    mutant: oneOf('--mutant', values.mutant, Object.keys(MUTANTS) as MutantName[]),
  }
  if (values.replay !== undefined) return replay(String(natural('--replay', values.replay)), options)
  const [first, last, ...more] = (values.seeds ?? '').split('..')
  if (first === undefined || last === undefined || more.length > 0)
    throw new UsageError('Give seeds as A..B.')
  const [from, to] = [natural('--seeds', first), natural('--seeds', last)]
  if (from > to) throw new UsageError('Give seeds as A..B, A not after B.')
  const processes =
    values.processes === undefined ? cpus().length : Number(natural('--processes', values.processes))
  return runAll({
    from,
    to,
    processes: Math.max(1, processes),
    options,
    isJson: values.json,
  })
}

function runWorld(seed: string, { world, size, every_ms, ...options }: Options): Promise<Outcome> {
  return world === 'federation'
    ? simulateFederation(seed, { size, every_ms, steps: options.steps })
    : simulate(seed, { ...options, world })
}

async function replay(seed: string, options: Options): Promise<number> {
  const { story, violations } = await runWorld(seed, options)
  for (const line of [...story, ...violations.map((violation) => `WRONG: ${violation}`)]) say(line)
  return violations.length === 0 ? 0 : 1
}

async function runAll({ from, to, processes, options, isJson }: Task): Promise<number> {
  const begun = Date.now()
  const counts = new Map<string, number>()
  const wrong: Line[] = []
  let worlds = 0
  const progress = setInterval(() => {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${worlds} of ${to - from + 1n} worlds, ${wrong.length} wrong `)
  }, 1_000)
  const shares = Array.from({ length: processes }, (_, number) => ({
    from: String(from + BigInt(number)),
    to: String(to),
    every: String(processes),
    options,
  }))
  await Promise.all(
    shares.map((share) =>
      runChild(share, (line) => {
        worlds += 1
        for (const [name, count] of Object.entries(line.counts))
          counts.set(name, (counts.get(name) ?? 0) + count)
        if (line.violations.length === 0) return
        wrong.push(line)
        if (!isJson) say(tell(line))
      }),
    ),
  )
  clearInterval(progress)
  const isFederation = options.world === 'federation'
  const report = summary({ from, to, worlds, ms: Date.now() - begun, counts, wrong }, isFederation)
  say(isJson ? JSON.stringify(report) : show(report))
  return wrong.length === 0 && (report.federation?.network.share ?? 1) >= SHARE_MIN ? 0 : 1
}

/** Ends with an error when the process does: a crash of the program is the worst outcome of all. */
function runChild(share: Share, onLine: (line: Line) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(process.argv[1] ?? '', ['share', JSON.stringify(share)], { silent: true })
    child.stderr?.pipe(process.stderr)
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => onLine(JSON.parse(line) as Line))
    }
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`a process of the simulator ended with code ${String(code)}`))
    })
  })
}

async function runShare({ from, to, every, options }: Share): Promise<number> {
  for (let seed = BigInt(from); seed <= BigInt(to); seed += BigInt(every)) {
    const outcome = await runWorld(String(seed), options)
    const { violations, counts } = outcome
    const { steps, story } =
      violations.length > 0 ? await shortest(outcome, options) : { ...outcome, story: [] }
    const line: Line = { seed: String(seed), steps, counts: Object.fromEntries(counts), violations, story }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
  return 0
}

/** The same world with as few steps as still show that something is wrong. */
async function shortest(outcome: Outcome, options: Options): Promise<Outcome> {
  // Each try would take minutes.
  if (options.world === 'federation') return outcome
  let found = outcome
  let below = -1
  while (found.steps - below > 1) {
    const steps = Math.floor((below + found.steps) / 2)
    const tried = await runWorld(outcome.seed, { ...options, steps })
    if (tried.violations.length > 0) found = { ...tried, steps }
    else below = steps
  }
  return found
}

interface Totals {
  readonly from: bigint
  readonly to: bigint
  readonly worlds: number
  readonly ms: number
  readonly counts: ReadonlyMap<string, number>
  readonly wrong: readonly Line[]
}

function summary({ from, to, worlds, ms, counts, wrong }: Totals, isFederation: boolean) {
  const count = (name: string): number => counts.get(name) ?? 0
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      [...counts]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, number]): [string, number] => [name.slice(prefix.length), number])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  return {
    seeds: `${from}..${to}`,
    worlds,
    ms,
    cards: count('cards'),
    steps: count('steps'),
    payments: {
      ordered: count('payments'),
      paid: count('paid'),
      failed: count('failed'),
      judged: count('payments judged'),
    },
    disagreementsSettled: count('settled disagreements'),
    faults: named('fault '),
    attacks: named('attack '),
    ...(isFederation ? { federation: federationReport(count, named) } : {}),
    violations: wrong.map(({ seed, steps, violations, story }) => ({ seed, steps, violations, story })),
  }
}

function show({
  violations,
  payments,
  faults,
  attacks,
  federation,
  ...rest
}: ReturnType<typeof summary>): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')
  return [
    `${rest.worlds} worlds with ${rest.cards} cards in ${(rest.ms / 1_000).toFixed(1)} s, ${rest.steps} steps`,
    `payments: ${list(payments)}`,
    `faults: ${list(faults)}`,
    `attacks: ${list(attacks)}`,
    ...(federation === undefined ? [] : [tellFederation(federation)]),
    `${violations.length} worlds in which something was wrong`,
  ].join('\n')
}

function tell({ seed, steps, violations, story }: Line): string {
  return [
    `seed ${seed} is wrong after ${steps} steps:`,
    ...violations.map((violation) => `  ${violation}`),
    'its story:',
    ...story.slice(-60).map((line) => `  ${line}`),
    `all of it: npm run sim -- --replay ${seed} --steps ${steps}`,
  ].join('\n')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function natural(flag: string, text: string): bigint {
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 2n ** 64n) {
    throw new UsageError(`${flag} takes whole numbers from 0 to 2^64-1, not "${text}".`)
  }
  return BigInt(text)
}

function oneOf<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T | undefined {
  const found = known.find((each) => each === text)
  if (text !== undefined && found === undefined) {
    throw new UsageError(`${flag} knows ${known.join(', ')}, not "${text}".`)
  }
  return found
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true
  if (!isUsage) throw error
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`)
  process.exitCode = 2
}
