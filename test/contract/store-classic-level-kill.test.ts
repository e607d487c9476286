// LevelDB under kill -9, again and again on one database: while it writes, and while it opens what the last one left.
// STORE_KILLS is how many rounds there are, STORE_SEED which moments they hit.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { bundleWriter, LevelWriter } from './level-writer.ts'
import { lastCommit, Ledger } from './numbered-commits.ts'

const ROUNDS = Number(process.env.STORE_KILLS ?? 20)
const SEED = process.env.STORE_SEED ?? 'kill -9'
const ROUND_MS_MAX = 10_000
/** Lines of one writer before it is killed, at most: enough for LevelDB to begin a new log file and tables. */
const LINES_MAX = 250
/** How long after a line it is killed, at most: some in the middle of the next commit, some after it. */
const AFTER_LINE_MS_MAX = 6
/** Writers in one round that are killed soon after they began to open the database. */
const OPENINGS_MAX = 2
/** How long after that, at most: reading a whole log file takes as long. */
const AFTER_OPENING_MS_MAX = 25

it(
  'STO-2 LevelDB: keeps every acknowledged commit, whole, however often its process is killed',
  async () => {
    const script = await bundleWriter(await temporaryFolder())
    const database = join(await temporaryFolder(), 'card')
    const random = seededRandom(SEED)
    const upTo = (max: number): number => ((random(1)[0] ?? 0) * 256 + (random(1)[0] ?? 0)) % (max + 1)
    const ledger = new Ledger()
    const run = async (lines: number, delay_ms: number): Promise<void> => {
      const writer = new LevelWriter(script, database, ledger)
      await writer.until(() => writer.said >= lines)
      await sleep(delay_ms)
      await writer.kill()
    }
    const round = async (): Promise<void> => {
      await run(2 + upTo(LINES_MAX), upTo(AFTER_LINE_MS_MAX))
      for (let left = upTo(OPENINGS_MAX); left > 0; left--) await run(1, upTo(AFTER_OPENING_MS_MAX))
      ledger.found(await readBack(database))
    }
    for (let number = 1; number <= ROUNDS; number++) {
      await expect(round(), `round ${number} of seed "${SEED}"`).resolves.toBeUndefined()
    }
    expect(ledger.last).toBeGreaterThan(ROUNDS)
  },
  ROUNDS * ROUND_MS_MAX,
)

/** The last commit in a database that nobody has open, which is whole. */
async function readBack(path: string): Promise<number> {
  const store = new ClassicLevelStore({ path, create: true })
  try {
    return await lastCommit(store)
  } finally {
    store.close()
    await store.whenClosed()
  }
}
