// Writes numbered commits, one after the other, into the database that its argument names, and tells of each when it
// is durable. After a failure of the storage it reads again, or commits again, and goes on. Does not end by itself;
// test/contract/level-writer.ts starts, follows and kills it.

import { setTimeout as sleep } from 'node:timers/promises'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { StoreError } from '../../worker/runtime/store.ts'
import { lastCommit, numberedCommit } from './numbered-commits.ts'

const RETRY_MS = 20

const store = new ClassicLevelStore({ path: process.argv[2] ?? '', create: true })

/** One line of what happened; written to a pipe before this returns. */
function say(event: string, value: string | number): void {
  process.stdout.write(`${event} ${value}\n`)
}

async function main(): Promise<void> {
  say('opening', 0)
  let next: number | undefined
  for (let refusals = 0; ;) {
    try {
      if (next === undefined) {
        const last = await lastCommit(store)
        say('found', last)
        next = last + 1
      }
      await store.commit(numberedCommit(next))
      say('stored', next)
      next += 1
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      say('refused', `${error.code} ${error.message}`)
      // Now and then it commits the same again without a look at what is there, as nobody forbids.
      refusals += 1
      if (refusals % 2 === 0) next = undefined
      await sleep(RETRY_MS)
    }
  }
}

void main()
