// The store contract for LevelDB under Node.js, its lock, and how it says what is wrong.

import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { expect, it, onTestFinished } from 'vitest'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { decodeRecord, encodeRecord } from '../../worker/runtime/record-encoding.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cardChange, STORE_CHECKS } from './store-suite.ts'

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'card')
}

function openStore(path: string): ClassicLevelStore {
  const store = new ClassicLevelStore({ path, create: true })
  onTestFinished(() => {
    store.close()
    return store.whenClosed()
  })
  return store
}

async function writeRaw(path: string, key: string, value: Uint8Array): Promise<void> {
  const level = new ClassicLevel<string, Uint8Array>(path, { valueEncoding: 'view' })
  await level.put(key, value)
  await level.close()
}

it.each(Object.entries(STORE_CHECKS))('LevelDB: %s', async (_, check) => {
  const path = await newPath()
  const opened: ClassicLevelStore[] = []
  await expect(
    check({
      open: () => {
        const store = openStore(path)
        opened.push(store)
        return store
      },
      setVersion: async (version) => {
        await Promise.all(opened.map((store) => store.whenClosed()))
        await writeRaw(path, 'meta/recordsVersion', encodeRecord(version))
      },
    }),
  ).resolves.toBeUndefined()
})

it('CLI-1 LevelDB: refuses a database that is open elsewhere, and takes it when it is free', async () => {
  const path = await newPath()
  const first = openStore(path)
  await first.commit([cardChange('Alice')])
  const second = openStore(path)
  await expect(second.load()).rejects.toMatchObject({
    code: 'inUse',
    message: `${path} is open in another program: stop that one first.`,
  })
  first.close()
  expect((await second.load()).card[0]?.name).toBe('Alice')
})

it('LevelDB: makes no database where none should be made, whatever the folder is called', async () => {
  const path = join(await temporaryFolder(), 'no space left on device')
  const store = new ClassicLevelStore({ path, create: false })
  await expect(store.load()).rejects.toMatchObject({ code: 'unreadable' })
  await expect(store.commit([cardChange('Alice')])).rejects.toMatchObject({ code: 'unreadable' })
})

it('CLI-2 LevelDB: says so when a record is in another encoding than ours', async () => {
  const path = await newPath()
  const store = openStore(path)
  await store.commit([cardChange('Alice')])
  store.close()
  await store.whenClosed()
  await writeRaw(path, 'card/card', Uint8Array.of(2, 255, 15))
  await expect(openStore(path).load()).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringMatching(/in the encoding 2/),
  })
})

it('CLI-2 keeps what records are made of: bigints, bytes, nothing, and text of any script', () => {
  const record = {
    big: -(1n << 127n),
    bytes: Uint8Array.of(0, 255),
    nothing: undefined,
    text: 'ß→🍌',
    list: [],
  }
  const bytes = encodeRecord(record)
  expect(bytes[0]).toBe(1)
  expect(decodeRecord(bytes)).toEqual(record)
  expect(() => encodeRecord({ run: () => 1 })).toThrow(/could not be cloned/)
})
