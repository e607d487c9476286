// What the connection line says: pure words over the mirror's state.

import type { CardView, FriendView, ServerView } from '../../worker/api.ts'
import { t } from '../messages/t.ts'

interface NodeState {
  readonly state: 'connecting' | 'ready' | 'lost'
  readonly synced: boolean
  readonly card: CardView | undefined
  readonly friends: readonly FriendView[]
  readonly relays: readonly ServerView[]
  readonly indexServers: readonly ServerView[]
}

export interface Connection {
  readonly tone: 'good' | 'quiet' | 'bad'
  readonly text: string
  readonly relays: string
  readonly indexServers: string
}

export function connection(node: NodeState): Connection {
  return { ...lineOf(node), relays: share(node.relays), indexServers: share(node.indexServers) }
}

function lineOf(node: NodeState): Pick<Connection, 'tone' | 'text'> {
  if (node.state === 'lost') return { tone: 'bad', text: t('connection.nodeLost') }
  if (node.state === 'connecting' || !node.synced) return { tone: 'quiet', text: t('connection.starting') }
  if (node.card?.remote !== undefined && node.card.state !== 'running') {
    return node.card.fault === undefined
      ? { tone: 'quiet', text: t('connection.reaching') }
      : { tone: 'bad', text: t('connection.notReached') }
  }
  if (node.relays.length === 0) return { tone: 'bad', text: t('connection.noRelay') }
  if (!node.relays.some(isConnected)) {
    const trying = node.relays.some(({ state }) => state === 'connecting')
    return {
      tone: trying ? 'quiet' : 'bad',
      text: t(trying ? 'connection.connecting' : 'connection.offline'),
    }
  }
  const online = node.friends.filter((friend) => friend.online).length
  if (node.friends.length === 0) return { tone: 'good', text: t('connection.ready') }
  return {
    tone: online > 0 ? 'good' : 'quiet',
    text: t('connection.friends', { online, count: node.friends.length }),
  }
}

function share(servers: readonly ServerView[]): string {
  const connected = servers.filter(isConnected).length
  return connected === servers.length
    ? String(connected)
    : t('connection.share', { connected, all: servers.length })
}

function isConnected({ state }: ServerView): boolean {
  return state === 'connected'
}
