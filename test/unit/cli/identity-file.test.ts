// The identity of a program, in a file.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createIdentity, readIdentity } from '../../../cli/identity-file.ts'

let folder = ''
let path = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offst-identity-'))
  path = join(folder, 'node.ident')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

it('is made for its owner only, and read again as the same key', async () => {
  const made = await createIdentity({ path, random: randomBytes })
  const again = await readIdentity(path)
  expect(made.ok && again.ok && again.value.publicKey).toBe(made.ok && made.value.publicKey)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toMatch(/^private_key = "[\w-]{43}"\n$/)
})

it('never overwrites an existing file', async () => {
  writeFileSync(path, 'mine')
  expect(await createIdentity({ path, random: randomBytes })).toMatchObject({
    error: { code: 'existingFile' },
  })
  expect(readFileSync(path, 'utf8')).toBe('mine')
})

it('says why it cannot be read or written, without showing the key', async () => {
  expect(await readIdentity(path)).toMatchObject({ error: { code: 'missingFile' } })
  expect(await readIdentity(folder)).toMatchObject({
    error: { code: 'unreadableFile', message: `${folder} cannot be read: it is a directory.` },
  })
  expect(await createIdentity({ path: join(folder, 'no', 'x'), random: randomBytes })).toMatchObject({
    error: { code: 'unwritableFile', message: expect.stringContaining('its directory does not exist') },
  })
  writeFileSync(path, `private_key = "${'s3cret'.repeat(7)}"\n`)
  const damaged = await readIdentity(path)
  expect(damaged).toMatchObject({ error: { code: 'malformed' } })
  expect(JSON.stringify(damaged)).not.toContain('s3cret')
  writeFileSync(path, 'x'.repeat(20_000))
  expect(await readIdentity(path)).toMatchObject({ error: { code: 'tooLong' } })
})
