// The store contract, for the store in memory that tests and simulations use.

import { expect, it } from 'vitest'
import { MemoryDisk, MemoryStore } from '../support/memory-store.ts'
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
