// Commits one card after the other into the database that its argument names, and says of each when it is durable;
// test/contract/store-classic-level.test.ts kills it.

import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { cardChange } from './store-suite.ts'

const store = new ClassicLevelStore({ path: process.argv[2] ?? '', create: true })

async function commitForever(): Promise<void> {
  for (let id = 1; ; id++) {
    await store.commit([
      cardChange(String(id)),
      { table: 'activity', key: String(id).padStart(12, '0'), value: { id, time: id, kind: 'sent' } },
    ])
    process.stdout.write(`${id}\n`)
  }
}

void commitForever()
