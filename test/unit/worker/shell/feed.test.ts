// The feed of one page: everything in order while it keeps up, the latest values when it does not.

import { expect, it } from 'vitest'
import type { NodeMessage } from '../../../../worker/api.ts'
import type { ViewChange } from '../../../../worker/runtime/node.ts'
import { Feed } from '../../../../worker/shell/feed.ts'

const settings = (acceptUnknownPayments: boolean): ViewChange => ({
  collection: 'settings',
  key: 'settings',
  value: { acceptUnknownPayments },
})
const gone = (key: string): ViewChange => ({ collection: 'invoices', key, value: null })

function start(aheadMax: number): { feed: Feed; sent: NodeMessage[] } {
  const sent: NodeMessage[] = []
  return { feed: new Feed((message) => sent.push(message), aheadMax), sent }
}

it('sends changes at once while the page keeps up', () => {
  const { feed, sent } = start(2)
  feed.push('card', [settings(true)])
  feed.synced('card')
  feed.taken(1)
  feed.push('card', [settings(false)])
  feed.push('card', [gone('a')])
  expect(sent).toEqual([
    { event: 'change', card: 'card', changes: [settings(true)] },
    { event: 'synced', card: 'card' },
    { event: 'change', card: 'card', changes: [settings(false)] },
    { event: 'change', card: 'card', changes: [gone('a')] },
  ])
})

it('APP-7 holds back what a slow page has no room for, and sends it only the latest value of each entry', () => {
  const { feed, sent } = start(1)
  feed.push('card', [gone('first')])
  for (let count = 0; count < 1_000; count += 1) feed.push('card', [settings(count % 2 === 0), gone('a')])
  feed.synced('card')
  expect(sent).toHaveLength(1)
  feed.taken(1)
  expect(sent.slice(1)).toEqual([
    { event: 'change', card: 'card', changes: [settings(false), gone('a')] },
    { event: 'synced', card: 'card' },
  ])
})

it('keeps the order of changes behind those that wait', () => {
  const { feed, sent } = start(1)
  feed.push('card', [gone('a')])
  feed.push('card', [settings(true)])
  feed.push('other', [gone('b')])
  feed.taken(1)
  feed.taken(2)
  expect(sent.map((message) => 'event' in message && message.event === 'change' && message.card)).toEqual([
    'card',
    'card',
    'other',
  ])
})

it('ignores an acknowledgement of what was never sent', () => {
  const { feed, sent } = start(1)
  feed.push('card', [gone('a')])
  feed.push('card', [gone('b')])
  feed.taken(7)
  feed.taken(0)
  expect(sent).toHaveLength(1)
})

it('drops what waits for a subscription that has ended', () => {
  const { feed, sent } = start(1)
  feed.push('card', [gone('a')])
  feed.push('card', [gone('b')])
  feed.forget('card')
  feed.taken(1)
  expect(sent).toHaveLength(1)
})
