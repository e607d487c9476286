// A page with nothing but the connection to the node, for the tests of the shell.

import { ApiError, connectNode } from '../../../../web/node/client.ts'
import { openLine } from '../../../../web/node/line.ts'
import type { MethodName } from '../../../../worker/api.ts'

export interface ShellPage {
  /** Through the client; rejects with an Error of `code: message`. */
  call(method: string, params: unknown, card?: string): Promise<unknown>
  readonly states: string[]
  /** Names of the events and of the entries that changed, in order. */
  readonly events: string[]
  /** Sends messages as they are, past the client, and resolves to the first answers. */
  sendRaw(messages: readonly unknown[]): Promise<unknown[]>
}

const client = connectNode()
const states: string[] = []
const events: string[] = []
client.onState = (state) => states.push(state)
client.onCards = () => events.push('cards')
client.onSynced = () => events.push('synced')
client.onChange = (_, changes) => events.push(...changes.map(({ collection }) => collection))

const page: ShellPage = {
  call: (method, params, card) =>
    client
      .call(method as MethodName, params as never, card === undefined ? {} : { card })
      .catch((error: unknown) => {
        throw error instanceof ApiError ? new Error(`${error.code}: ${error.message}`) : error
      }),
  states,
  events,
  sendRaw: (messages) =>
    new Promise((resolve) => {
      const answers: unknown[] = []
      const line = openLine({
        onWelcome: () => {
          for (const message of messages) line.send(message)
        },
        onMessage: (message) => {
          answers.push(message)
          if (answers.length === messages.length) resolve(answers)
        },
        onLost: () => undefined,
      })
    }),
}

Object.assign(globalThis, { shell: page })
