// Golden samples of the messages around calls: between an app and a node, and between a page and its worker, which
// may be of different builds.

import type * as v from 'valibot'
import {
  CallMessage,
  Elected,
  NodeMessage,
  PageMessage,
  TabMessage,
  TakenMessage,
  WelcomeMessage,
} from '../../../worker/api.ts'
import { fault } from './app-views.ts'
import { alice, requestIdOf } from './samples.ts'

interface Envelope {
  readonly schema: v.GenericSchema
  readonly samples: readonly unknown[]
}

function envelope<S extends v.GenericSchema>(schema: S, samples: readonly v.InferOutput<S>[]): Envelope {
  return { schema, samples }
}

const tab = requestIdOf('tab')

export const ENVELOPES: Readonly<Record<string, Envelope>> = {
  call: envelope(CallMessage, [
    { id: 1, method: 'cards.list', params: {} },
    { id: 2, card: alice, method: 'card.rename', params: { name: 'Alice' } },
  ]),
  node: envelope(NodeMessage, [
    { id: 1, result: {} },
    { id: -1, error: fault },
    {
      event: 'change',
      card: alice,
      changes: [
        { collection: 'settings', key: 'settings', value: { acceptUnknownPayments: true } },
        { collection: 'friends', key: alice, value: null },
      ],
    },
    { event: 'synced', card: alice },
    { event: 'cards' },
  ]),
  taken: envelope(TakenMessage, [{ taken: 3 }]),
  page: envelope(PageMessage, [{ hello: { tab, build: 5 } }, { taken: 3 }, { retire: true }]),
  welcome: envelope(WelcomeMessage, [{ welcome: { boot: tab, build: 5 } }]),
  tab: envelope(TabMessage, [{ tab, message: { taken: 3 } }]),
  elected: envelope(Elected, [{ boot: tab }]),
}
