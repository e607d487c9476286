// A headless node on a disk that is really full: it says so, refuses what it cannot store, and goes on when there
// is room, all in one run.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { smallDisk } from '../contract/small-disk.ts'
import { DONE, run, RunningProgram, type Outcome } from '../support/program.ts'
import { freeAddress } from '../support/tutorial.ts'

const NO_ROOM =
  /There is no room left to store what happens: free some space on this device\. Nothing is lost\./
const WORKS = /^The card works again\.$/
/** A long name, so that few changes fit into what is left of a file's last page. */
const RELAY = 'r'.repeat(64)
const CHANGES_MAX = 50
/** So many in a row mean that nothing fits any more. */
const REFUSALS = 4
/** The longest wait before the storage is tried again, and some. */
const TRIED_AGAIN_MS_MAX = 60_000

it('STO-3 CLI-4 stnode says that the disk is full, stops taking changes, and goes on when there is room', async () => {
  const disk = await smallDisk()
  const address = await freeAddress()
  const command = (line: string): Outcome => run(disk.folder, line)
  for (const folder of ['trusted', 'app']) mkdirSync(join(disk.folder, folder))
  for (const line of [
    'stmgr gen-ident --output node.ident',
    'stmgr gen-ident --output app/app.ident',
    'stmgr init-node-db --idfile node.ident --output node.db',
    `stmgr node-ticket --address ${address} --idfile node.ident --output node.ticket`,
    'stmgr app-ticket --idfile app/app.ident --pconfig --pfunds --proutes --output trusted/app.ticket',
    'stmgr relay-ticket --address 127.0.0.1:1 --idfile app/app.ident --output relay.ticket',
  ]) {
    expect(command(line), line).toEqual(DONE)
  }
  const node = new RunningProgram(
    disk.folder,
    `stnode --database node.db --idfile node.ident --laddr ${address} --trusted trusted`,
  )
  onTestFinished(async () => {
    await node.ends('SIGKILL')
  })
  await node.says(/listens on/)
  const control = (line: string): Outcome => command(`stctrl -I app/app.ident -T node.ticket ${line}`)
  // A change that was refused may have reached the disk all the same.
  const change = (): Outcome => {
    const added = control(`config add-relay -n ${RELAY} -r relay.ticket`)
    return added.error.includes('already') ? control(`config remove-relay -n ${RELAY}`) : added
  }
  const count = (pattern: RegExp): number => node.lines.filter((line) => pattern.test(line)).length
  expect([change(), change()]).toEqual([DONE, DONE])

  // LevelDB finds a little room again by tidying up, which is taken from it, too.
  const refusals: Outcome[] = []
  for (let left = CHANGES_MAX; left > 0 && refusals.length < REFUSALS; left--) {
    await disk.fill(node.pid)
    const outcome = change()
    if (outcome.code === 0) refusals.length = 0
    else refusals.push(outcome)
  }
  const refused = { code: 1, out: '', error: expect.stringMatching(NO_ROOM) as string }
  expect(refusals).toEqual(Array.from({ length: REFUSALS }, () => refused))
  expect(await (await fetch(`http://${address}/healthz`)).json()).toMatchObject({ state: 'stopped' })
  const told = [count(NO_ROOM), count(WORKS)]
  expect(told).toEqual([expect.any(Number), told[0]! - 1])

  await disk.free(node.pid)
  await expect.poll(() => count(WORKS), { timeout: TRIED_AGAIN_MS_MAX }).toBe(told[0])
  expect([change(), change()]).toEqual([DONE, DONE])
  expect([count(NO_ROOM), count(WORKS)]).toEqual([told[0], told[0]])
  expect(await node.ends('SIGTERM')).toBe(0)
}, 150_000)
