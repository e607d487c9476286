// The page's client over a line that breaks and comes back.

import { expect, it } from 'vitest'
import { ApiError, NodeClient } from '../../../../web/node/client.ts'
import type { LineEvents } from '../../../../web/node/line.ts'

const CARD = 'A'.repeat(43)

function start() {
  const sent: unknown[] = []
  let events: LineEvents | undefined
  const client = new NodeClient((given) => {
    events = given
    return { send: (message) => sent.push(message) }
  })
  const states: string[] = []
  client.onState = (state) => states.push(state)
  return { client, sent, states, line: events! }
}

it('sends calls when there is a worker, and resolves them with their results', async () => {
  const { client, sent, line, states } = start()
  const list = client.call('cards.list', {})
  expect(sent).toEqual([])
  line.onWelcome()
  const form = client.call('card.ticket', {}, { card: CARD })
  expect(sent).toEqual([
    { id: 1, method: 'cards.list', params: {} },
    { id: 2, method: 'card.ticket', params: {}, card: CARD },
  ])
  line.onMessage({ id: 2, result: { text: 'a', toml: 'b', qr: 'c' } })
  line.onMessage({ id: 1, result: [] })
  expect(await list).toEqual([])
  expect(await form).toEqual({ text: 'a', toml: 'b', qr: 'c' })
  expect(states).toEqual(['ready'])
})

it('APP-11 repeats unanswered calls to the next worker, in order, and answers each once', async () => {
  const { client, sent, line, states } = start()
  line.onWelcome()
  const first = client.call('cards.list', {})
  const second = client.call('text.inspect', { input: 'x' })
  line.onMessage({ id: 1, result: [] })
  line.onLost()
  const third = client.call('cards.list', {})
  sent.length = 0
  line.onWelcome()
  expect(sent).toMatchObject([{ id: 2 }, { id: 3 }])
  line.onMessage({ id: 2, error: { code: 'unknownForm', message: 'No.' } })
  line.onMessage({ id: 2, error: { code: 'unknownForm', message: 'Again.' } })
  line.onMessage({ id: 3, result: [] })
  await expect(second).rejects.toEqual(new ApiError('unknownForm', 'No.'))
  await Promise.all([first, third])
  expect(states).toEqual(['ready', 'lost', 'ready'])
})

it('gives up a call that is not to be repeated when the worker has gone', async () => {
  const { client, line, sent } = start()
  line.onWelcome()
  const call = client.call('state.subscribe', {}, { card: CARD, repeat: false })
  line.onLost()
  await expect(call).rejects.toMatchObject({ code: 'lost' })
  sent.length = 0
  line.onWelcome()
  expect(sent).toEqual([])
})

it('APP-1 turns an answer that does not fit its schema into an error, and ignores what is no message', async () => {
  const { client, line } = start()
  line.onWelcome()
  const call = client.call('cards.list', {})
  for (const junk of [undefined, null, 7, 'x', {}, { id: 1 }, { event: 'other' }]) line.onMessage(junk)
  line.onMessage({ id: 99, result: [] })
  line.onMessage({ id: 1, result: [{ id: 'x' }] })
  await expect(call).rejects.toMatchObject({ code: 'badAnswer' })
})

it('APP-7 tells the worker how many changes it has taken in since the welcome', () => {
  const { client, line, sent } = start()
  const seen: unknown[] = []
  client.onChange = (card, changes) => seen.push(card, changes)
  line.onWelcome()
  const change = { collection: 'friends', key: 'x', value: null }
  line.onMessage({ event: 'change', card: CARD, changes: [change] })
  line.onMessage({ event: 'change', card: CARD, changes: [] })
  line.onLost()
  line.onWelcome()
  line.onMessage({ event: 'change', card: CARD, changes: [] })
  expect(sent).toEqual([{ taken: 1 }, { taken: 2 }, { taken: 1 }])
  expect(seen.slice(0, 2)).toEqual([CARD, [change]])
})
