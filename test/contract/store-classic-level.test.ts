// The store contract for LevelDB under Node.js; its lock, and what is left when its process is killed.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ClassicLevel } from 'classic-level'
import { build } from 'vite'
import { expect, it, onTestFinished } from 'vitest'
import { ClassicLevelStore } from '../../worker/runtime/classic-level-store.ts'
import { decodeRecord, encodeRecord } from '../../worker/runtime/record-encoding.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { cardChange, STORE_CHECKS } from './store-suite.ts'

const WRITER = join(import.meta.dirname, 'level-writer.child.ts')
const LIMITED = join(import.meta.dirname, 'level-limited.child.ts')
const MODULES = join(import.meta.dirname, '../../node_modules')
/** Commits before the process is killed: long enough that some are under way. */
const COMMITS_BEFORE_KILL = 200

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

it('LevelDB: makes no database where none should be made', async () => {
  const path = await newPath()
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

it('STO-2 LevelDB: keeps every acknowledged commit, whole, when the process is killed', async () => {
  const path = await newPath()
  const script = join(await temporaryFolder(), 'writer.cjs')
  await writeFile(script, await bundle(WRITER))
  const writer = spawn(process.execPath, [script, path], { env: { ...process.env, NODE_PATH: MODULES } })
  const exit = once(writer, 'exit')
  let acknowledged = 0
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged = Number(line)
    if (acknowledged >= COMMITS_BEFORE_KILL) writer.kill('SIGKILL')
  }
  await exit
  const store = openStore(path)
  const left = Number((await store.load()).card[0]?.name)
  expect(left).toBeGreaterThanOrEqual(acknowledged)
  expect((await store.activity(undefined, 1))[0]?.id).toBe(left)
})

it('STO-3 LevelDB: loads what was acknowledged after a write that failed, and goes on', async () => {
  const path = await newPath()
  const script = join(await temporaryFolder(), 'limited.cjs')
  await writeFile(script, await bundle(LIMITED))
  // No file may grow over 256 blocks of 512 bytes.
  const command = `ulimit -f 256; exec "$0" "$1" "$2"`
  const child = spawnSync('sh', ['-c', command, process.execPath, script, path], {
    env: { ...process.env, NODE_PATH: MODULES },
    encoding: 'utf8',
  })
  const { acknowledged, code, loaded, after } = JSON.parse(child.stdout) as Record<string, number | string>
  expect({ code, after }).toEqual({ code: 'unreadable', after: 9_999 })
  expect(acknowledged).toBeGreaterThan(0)
  // The commit that failed may have reached the disk after all: nobody was told that it did.
  expect([acknowledged, Number(acknowledged) + 1]).toContain(loaded)
})

/** A source as a script that Node.js runs; the packages stay outside. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    ssr: { external: ['classic-level'], noExternal: true },
    build: { ssr: entry, write: false, target: 'node20', rolldownOptions: { output: { format: 'cjs' } } },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((built) =>
    'output' in built ? built.output : [],
  )
  const chunk = outputs.find((output) => output.type === 'chunk')
  if (chunk === undefined) throw new Error('the writer was not built')
  return chunk.code
}
