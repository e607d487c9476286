// One process of `npm run sim`: runs the worlds of its seeds and says of each what came of it, a line of JSON each.

import { simulate, type Outcome } from './engine/simulation.ts'
import { SHAPES, type Shape } from './engine/topology.ts'

/** What scripts/sim.js asks of this process. */
interface Task {
  readonly from: string
  readonly to: string
  /** Of so many processes this one takes every `every`-th seed, beginning with the `first`. */
  readonly first: number
  readonly every: number
  readonly world?: string
  readonly steps?: number
}

async function main(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '{}') as Task
  const world = SHAPES.find((shape): shape is Shape => shape === task.world)
  for (let seed = BigInt(task.from) + BigInt(task.first); seed <= BigInt(task.to); seed += BigInt(task.every)) {
    const outcome = await simulate(String(seed), { world, steps: task.steps })
    process.stdout.write(`${JSON.stringify(summary(outcome))}\n`)
  }
}

function summary({ seed, steps, counts, violations, story }: Outcome): object {
  return { seed, steps, counts: Object.fromEntries(counts), violations, ...(violations.length > 0 ? { story } : {}) }
}

void main()
