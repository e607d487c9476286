// The database of a headless node: made wholly or not, opened for its owner alone.

import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDatabase, openDatabase } from '../../../../cli/node/database.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const { publicKey } = nobleProvider.signer(new Uint8Array(32).fill(7))
const stranger = nobleProvider.signer(new Uint8Array(32).fill(8)).publicKey

it('CLI-3 makes the database of a new card, for the eyes of its owner', async () => {
  const path = join(await temporaryFolder(), 'node.db')
  expect(await createDatabase({ path, publicKey, name: 'Alice', now: 5 })).toMatchObject({ ok: true })
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  const store = await openDatabase(path, publicKey)
  if (!store.ok) throw new Error(store.error.message)
  expect((await store.value.load()).card).toMatchObject([
    { publicKey, name: 'Alice', created: 5, relays: [] },
  ])
  store.value.close()
  await store.value.whenClosed()
})

it('CLI-3 leaves nothing behind when it cannot make the database', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'taken'))
  const card = { publicKey, name: 'Alice', now: 5 }
  const taken = await createDatabase({ ...card, path: join(folder, 'taken') })
  expect(taken).toMatchObject({ error: { code: 'existingFile' } })
  const unreachable = await createDatabase({ ...card, path: join(folder, 'none', 'node.db') })
  expect(unreachable).toMatchObject({ error: { code: 'unwritableFile' } })
  const nameless = await createDatabase({ ...card, name: ' ', path: join(folder, 'node.db') })
  expect(nameless).toMatchObject({ error: { code: 'badName' } })
  expect(await readdir(folder)).toEqual(['taken'])
})

it('CLI-4 opens a database for its own identity only, and leaves it free for that one', async () => {
  const path = join(await temporaryFolder(), 'node.db')
  await createDatabase({ path, publicKey, name: 'Alice', now: 5 })
  expect(await openDatabase(path, stranger)).toMatchObject({ error: { code: 'otherIdentity' } })
  const store = await openDatabase(path, publicKey)
  expect(store).toMatchObject({ ok: true })
  expect(await openDatabase(path, publicKey)).toMatchObject({ error: { code: 'inUse' } })
  if (store.ok) store.value.close()
})
