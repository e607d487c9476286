// Calls over a line: what the wallet's pages do not use (test/unit/web/node/client.test.ts has the rest).

import { expect, it } from 'vitest'
import { Calls } from '../../../client/calls.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

it('gives up a call that is not answered in 30 seconds, and takes a late answer for none', async () => {
  const clock = new VirtualClock()
  const sent: unknown[] = []
  const calls = new Calls((message) => sent.push(message), clock)
  calls.up()
  const call = calls.call('cards.list', {})
  clock.advance(30_000)
  expect(await call).toMatchObject({ ok: false, error: { code: 'noAnswer' } })
  calls.receive({ id: 1, result: [] })
  calls.down()
  calls.up()
  expect(sent).toHaveLength(1)
})

it('fails every call with the reason of the end, and sends no more', async () => {
  const sent: unknown[] = []
  const calls = new Calls((message) => sent.push(message))
  calls.up()
  const before = calls.call('cards.list', {})
  calls.end({ code: 'closed', message: 'Closed.' })
  calls.end({ code: 'other', message: 'Too late.' })
  calls.up()
  const after = calls.call('cards.list', {})
  for (const call of [before, after])
    expect(await call).toMatchObject({ ok: false, error: { code: 'closed' } })
  expect(sent).toHaveLength(1)
})

it('tells what the node says before it ends the connection', () => {
  const calls = new Calls(() => undefined)
  const said: unknown[] = []
  calls.onRefusal = (fault) => said.push(fault)
  const error = { code: 'revoked', message: 'No more.' }
  calls.receive({ id: -1, error })
  calls.receive({ id: -1, result: {} })
  expect(said).toEqual([error])
})
