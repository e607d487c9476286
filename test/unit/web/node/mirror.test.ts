// The page's mirror: whole snapshots only, then every change; nothing stale survives a reconnection.

import { expect, it } from 'vitest'
import type { CardView, FriendView, NodeMessage } from '../../../../worker/api.ts'
import { NodeClient } from '../../../../web/node/client.ts'
import type { LineEvents } from '../../../../web/node/line.ts'
import { NodeMirror } from '../../../../web/node/mirror.svelte.ts'

const key = (letter: string): string => letter.padEnd(43, 'A')
const ALICE: CardView = { id: key('A'), name: 'Alice', created: 1, state: 'running' }
const BOB: CardView = { id: key('B'), name: 'Bob', created: 2, state: 'running' }

function friend(letter: string, name: string): FriendView {
  return {
    publicKey: key(letter),
    name,
    added: 1,
    enabled: true,
    online: true,
    status: 'ready',
    relays: [],
    currencies: [],
  }
}

interface Sent {
  readonly id: number
  readonly method: string
  readonly card?: string
}

function start() {
  const sent: Sent[] = []
  let events: LineEvents | undefined
  const client = new NodeClient((given) => {
    events = given
    return { send: (message) => sent.push(message as Sent) }
  })
  const mirror = new NodeMirror(client)
  const line = events!
  return {
    mirror,
    sent,
    line,
    tell: (message: NodeMessage): void => line.onMessage(message),
    /** Answers `cards.list` and every subscription that was sent since. */
    answer: async (cards: readonly CardView[]): Promise<void> => {
      for (const turn of [0, 1]) {
        for (const { id, method } of sent.splice(0)) {
          line.onMessage({ id, result: method === 'cards.list' ? cards : {} })
        }
        await new Promise((resolve) => setTimeout(resolve, turn))
      }
    },
  }
}

function friends(card: CardView, ...values: readonly FriendView[]): NodeMessage {
  return {
    event: 'change',
    card: card.id,
    changes: values.map((value) => ({ collection: 'friends', key: value.publicKey, value })),
  }
}

it('shows a card when its snapshot is whole, friends by name', async () => {
  const { mirror, line, tell, answer } = start()
  expect(mirror.state).toBe('connecting')
  line.onWelcome()
  await answer([ALICE, BOB])
  expect(mirror.state).toBe('ready')
  expect(mirror.cards).toEqual([ALICE, BOB])
  expect(mirror.card).toEqual(ALICE)
  tell(friends(ALICE, friend('C', 'Zoe'), friend('D', 'carol')))
  expect([mirror.synced, mirror.friends.length]).toEqual([false, 0])
  tell({ event: 'synced', card: ALICE.id })
  expect(mirror.synced).toBe(true)
  expect(mirror.friends.map(({ name }) => name)).toEqual(['carol', 'Zoe'])
  tell({
    event: 'change',
    card: ALICE.id,
    changes: [{ collection: 'friends', key: key('C'), value: null }],
  })
  expect(mirror.friends.map(({ name }) => name)).toEqual(['carol'])
})

it('APP-11 subscribes again to another worker, and forgets what is no longer there', async () => {
  const { mirror, line, tell, answer, sent } = start()
  line.onWelcome()
  await answer([ALICE])
  tell(friends(ALICE, friend('C', 'Zoe'), friend('D', 'Carol')))
  tell({ event: 'synced', card: ALICE.id })
  line.onLost()
  expect(mirror.state).toBe('lost')
  expect(mirror.friends).toHaveLength(2)
  sent.length = 0
  line.onWelcome()
  expect(sent).toMatchObject([{ method: 'state.subscribe', card: ALICE.id }, { method: 'cards.list' }])
  await answer([ALICE])
  tell(friends(ALICE, friend('C', 'Zoe')))
  expect(mirror.friends).toHaveLength(2)
  tell({ event: 'synced', card: ALICE.id })
  expect(mirror.friends.map(({ name }) => name)).toEqual(['Zoe'])
})

it('asks for the cards again when they have changed, and shows the one that is selected', async () => {
  const { mirror, line, tell, answer, sent } = start()
  line.onWelcome()
  await answer([ALICE])
  tell({ event: 'cards' })
  expect(sent).toMatchObject([{ method: 'cards.list' }])
  await answer([ALICE, BOB])
  mirror.selectCard(BOB.id)
  expect(mirror.card).toEqual(BOB)
  expect(sent).toMatchObject([{ method: 'state.subscribe', card: BOB.id }])
  expect(mirror.synced).toBe(false)
  tell(friends(BOB, friend('C', 'Zoe')))
  tell({ event: 'synced', card: BOB.id })
  expect(mirror.friends).toHaveLength(1)
  mirror.selectCard(ALICE.id)
  expect(mirror.friends).toHaveLength(0)
})

it('APP-1 shows no value that does not fit its schema, and says that the page is to be reloaded', async () => {
  const { mirror, line, tell, answer } = start()
  line.onWelcome()
  await answer([ALICE])
  tell({ event: 'synced', card: ALICE.id })
  tell({
    event: 'change',
    card: ALICE.id,
    changes: [{ collection: 'friends', key: key('C'), value: { name: 7 } }],
  })
  expect(mirror.friends).toEqual([])
  expect(mirror.fault?.code).toBe('badView')
})

it('ignores collections of a newer node', async () => {
  const { mirror, line, tell, answer } = start()
  line.onWelcome()
  await answer([ALICE])
  tell({ event: 'synced', card: ALICE.id })
  tell({ event: 'change', card: ALICE.id, changes: [{ collection: 'moods', key: 'x', value: 'good' }] })
  expect(mirror.fault).toBeUndefined()
})
