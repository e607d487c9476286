// LevelDB on a disk that is really full: it says so, loses nothing, not even when it is killed meanwhile, and goes on
// when there is room.

import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { bundleWriter, LevelWriter } from './level-writer.ts'
import { lastCommit, Ledger } from './numbered-commits.ts'
import { smallDisks } from './small-disk.ts'

const FULL = /^full There is no room left/
/** Times that the disk is full in one test. */
const ROUNDS = 6
const COMMITS_BETWEEN = 5

it.each(smallDisks())(
  'STO-2 STO-3 LevelDB: "%s" is `full`, nothing is lost, and it goes on when there is room',
  async (_, makeDisk) => {
    const script = await bundleWriter(await temporaryFolder())
    const disk = await makeDisk()
    const database = join(disk.folder, 'card')
    const ledger = new Ledger()
    let writer = new LevelWriter(script, database, ledger)
    const restart = async (): Promise<void> => {
      await writer.kill()
      writer = new LevelWriter(script, database, ledger)
    }
    const commitSome = async (): Promise<void> => {
      const enough = ledger.last + COMMITS_BETWEEN
      await writer.until(() => ledger.last >= enough)
    }
    for (let round = 0; round < ROUNDS; round++) {
      await commitSome()
      await disk.fill(writer.pid)
      // There is room again after one refusal, or later: what opens the database anew meets a full disk as well.
      await writer.until(() => writer.refused.length > round % 3)
      expect(writer.refused.filter((line) => !FULL.test(line))).toEqual([])
      if (round >= ROUNDS / 2) {
        await restart()
        await disk.fill(writer.pid)
        await writer.until(() => writer.refused.length > 0)
      }
      await disk.free(writer.pid)
      await commitSome()
      await restart()
    }
    await writer.kill()
    const store = new ClassicLevelStore({ path: database, create: false })
    ledger.found(await lastCommit(store))
    store.close()
    await store.whenClosed()
  },
)
