// The folder of trusted apps, as a real folder.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { TrustedApps } from '../../../../cli/node/trusted-apps.ts'
import { nobleProvider } from '../../../../protocol/ed25519.ts'
import { toToml, type Permission } from '../../../../protocol/forms.ts'
import type { Currency } from '../../../../protocol/types.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const { publicKey } = nobleProvider.signer(new Uint8Array(32).fill(7))
const stranger = nobleProvider.signer(new Uint8Array(32).fill(8)).publicKey

function ticket(...permissions: Permission[]): string {
  return toToml({ kind: 'app', ticket: { publicKey, permissions } })
}

async function open(folder: string) {
  const complaints: string[] = []
  const opened = await TrustedApps.open({
    folder,
    // Stands still: what is noticed is noticed by watching, not by reading again and again.
    clock: new VirtualClock(),
    onComplaint: (sentence) => complaints.push(sentence),
  })
  if (!opened.ok) throw new Error(opened.error.message)
  onTestFinished(() => opened.value.close())
  return { trusted: opened.value, complaints }
}

it('CLI-5 trusts the apps whose tickets lie in the folder, with all that their tickets say', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'app.ticket'), ticket('read', 'config'))
  const { trusted, complaints } = await open(folder)
  expect(await trusted.permissionsOf(publicKey)).toEqual(new Set(['read', 'config']))
  expect(await trusted.permissionsOf(stranger)).toBeUndefined()
  await writeFile(join(folder, 'more.ticket'), ticket('read', 'funds'))
  expect(await trusted.permissionsOf(publicKey)).toEqual(new Set(['read', 'config', 'funds']))
  expect(complaints).toEqual([])
})

it('CLI-5 APP-14 holds an app to the budgets of its tickets, and calls it as the file is called', async () => {
  const folder = await temporaryFolder()
  const budget = { currency: 'credit' as Currency, amount: 5n, period: 'day' } as const
  const permissions = ['read', 'funds'] as const
  const limited = toToml({ kind: 'app', ticket: { publicKey, permissions, budgets: [budget] } })
  const other = { ...budget, amount: 9n }
  const looser = toToml({ kind: 'app', ticket: { publicKey, permissions, budgets: [other] } })
  await writeFile(join(folder, 'shop.ticket'), limited)
  await writeFile(join(folder, 'shop2.ticket'), looser)
  await writeFile(join(folder, 'shop3.ticket'), ticket('read', 'sell'))
  const { trusted } = await open(folder)
  expect(trusted.grants).toEqual([
    { publicKey, name: 'shop', permissions: ['read', 'funds', 'sell'], budgets: [budget] },
  ])
})

it('CLI-5 tells at once when a ticket is taken away', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'app.ticket'), ticket('read'))
  const { trusted } = await open(folder)
  const changed = new Promise<boolean>((resolve) => {
    trusted.onChanged = () => {
      if (!trusted.permissions.has(publicKey)) resolve(true)
    }
  })
  await rm(join(folder, 'app.ticket'))
  expect(await changed).toBe(true)
})

it('CLI-5 trusts nobody when the folder is gone', async () => {
  const folder = join(await temporaryFolder(), 'trusted')
  await mkdir(folder)
  await writeFile(join(folder, 'app.ticket'), ticket('read'))
  const { trusted } = await open(folder)
  await rm(folder, { recursive: true })
  expect(await trusted.permissionsOf(publicKey)).toBeUndefined()
})

it('complains once about a file that is no app ticket, and goes on with the others', async () => {
  const folder = await temporaryFolder()
  const relay = toToml({ kind: 'relay', ticket: { publicKey, address: '127.0.0.1:1' } })
  await writeFile(join(folder, 'app.ticket'), ticket('read'))
  await writeFile(join(folder, 'wrong.ticket'), relay)
  await writeFile(join(folder, '.app.ticket.swp'), 'of an editor')
  const { trusted, complaints } = await open(folder)
  expect(await trusted.permissionsOf(publicKey)).toEqual(new Set(['read']))
  expect(complaints).toEqual([
    expect.stringMatching(/wrong\.ticket: .*not an app ticket.*It is left out: only app tickets belong into/),
  ])
})
