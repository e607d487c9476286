// A node's one card as its apps see it.

import { fail, ok, type Result } from '../../protocol/result.ts'
import type { CardNode } from '../runtime/node.ts'
import type { AppOptions } from './app.ts'

/** Answers for the node's card; any other is `unknownCard`. Host methods have no card: apps have no permission for them. */
export function oneCard(node: CardNode): AppOptions['host'] {
  const unknown = (): Result<never> =>
    fail('unknownCard', `This node holds another card: name ${node.publicKey}, as its ticket does.`)
  return {
    call: async ({ card, method, params, app }) =>
      card === node.publicKey ? node.call(method, params, app) : unknown(),
    subscribe: async (card, listener) => (card === node.publicKey ? ok(node.subscribe(listener)) : unknown()),
    onCards: () => () => undefined,
  }
}
