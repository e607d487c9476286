// The store contract, for the store in memory that tests and simulations use.

import { expect, it } from 'vitest'
import { MemoryDisk, MemoryStore } from '../support/memory-store.ts'
import { lastCommit, Ledger, numberedCommit } from './numbered-commits.ts'
import { cardChange, STORE_CHECKS } from './store-suite.ts'

it.each(Object.entries(STORE_CHECKS))('memory: %s', async (_, check) => {
  const disk = new MemoryDisk()
  await expect(
    check({
      open: () => new MemoryStore({ disk }),
      setVersion: async (version) => {
        disk.version = version
      },
    }),
  ).resolves.toBeUndefined()
})

it('fails as it is told, and changes nothing then', async () => {
  const store = new MemoryStore()
  store.fault = 'full'
  await expect(store.commit([cardChange('Alice')])).rejects.toMatchObject({ code: 'full' })
  store.fault = undefined
  expect((await store.load()).card).toEqual([])
})

it.each(
  Array.from({ length: 8 }, (_, index) => index + 1).flatMap((pause) => [
    [pause, false] as const,
    [pause, true] as const,
  ]),
)(
  'STO-2 memory: keeps every acknowledged commit, whole, when it is killed at await %i (the commit lands: %s)',
  async (killedAt, lands) => {
    const disk = new MemoryDisk()
    let awaits = 0
    const store = new MemoryStore({
      disk,
      pause: async () => {
        awaits += 1
        if (awaits === killedAt) store.kill(lands)
      },
    })
    const ledger = new Ledger()
    void (async () => {
      for (let number = 1; ; number++) {
        await store.commit(numberedCommit(number))
        ledger.stored(number)
      }
    })()
    await new Promise((resolve) => setImmediate(resolve))
    const acknowledged = ledger.last
    ledger.found(await lastCommit(new MemoryStore({ disk })))
    // Each commit awaits its way to the disk, where it may be cut short, and the way back.
    const isOnWayBack = killedAt % 2 === 0
    expect(ledger.last - acknowledged).toBe(isOnWayBack || lands ? 1 : 0)
  },
)
