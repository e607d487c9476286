// Commits into the database that its argument names until the system refuses to write more into a file, then does
// what the driver does: loads, and goes on. Prints what it saw; test/contract/store-classic-level.test.ts limits it.

import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { StoreError } from '../../worker/runtime/store.ts'
import { cardChange } from './store-suite.ts'

const ATTEMPTS_MAX = 1_000
const PADDING = 'p'.repeat(4_096)

const store = new ClassicLevelStore({ path: process.argv[2] ?? '', create: true })

async function name(): Promise<number> {
  return Number.parseInt((await store.load()).card[0]?.name ?? '0', 10)
}

/** The number of the last commit that was acknowledged, and the code with which the next one failed. */
async function commitUntilRefused(): Promise<{ acknowledged: number; code: string }> {
  for (let id = 1; id <= ATTEMPTS_MAX; id++) {
    const code = await store.commit([cardChange(`${id} ${PADDING}`)]).then(
      () => undefined,
      (error: unknown) => (error instanceof StoreError ? error.code : String(error)),
    )
    if (code !== undefined) return { acknowledged: id - 1, code }
  }
  return { acknowledged: ATTEMPTS_MAX, code: 'none' }
}

async function main(): Promise<void> {
  const refused = await commitUntilRefused()
  const loaded = await name()
  await store.commit([cardChange('9999')])
  const after = await name()
  process.stdout.write(JSON.stringify({ ...refused, loaded, after }))
}

void main()
