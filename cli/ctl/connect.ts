// Connects to a node as an app, and takes in what it shows.

import { CardState } from '../../client/card-state.ts'
import { NodeClient } from '../../client/client.ts'
import { ok, type Result } from '../../protocol/result.ts'
import { nodeProvider } from '../../worker/runtime/crypto/node.ts'
import { readNodeFile } from '../files.ts'
import { readIdentity } from '../identity-file.ts'
import { systemClock, systemRandom } from '../system.ts'
import type { Terminal } from '../terminal.ts'
import { dialWebSocket } from '../ws-dialler.ts'
import type { Control } from './command.ts'

/** Faults are those of the files, and why the node cannot be reached or does not know this app. */
export async function connect(
  { idfile, ticket }: { readonly idfile: string; readonly ticket: string },
  terminal: Terminal,
): Promise<Result<Control>> {
  const signer = await readIdentity(idfile, nodeProvider)
  if (!signer.ok) return signer
  const node = await readNodeFile(ticket)
  if (!node.ok) return node
  const place = 'address' in node.value ? `at ${node.value.address}` : 'over its relays'
  terminal.screen?.status(`Connecting to the node ${place} …`)
  const client = await NodeClient.connect({
    ticket: node.value,
    signer: signer.value,
    crypto: nodeProvider,
    connect: dialWebSocket,
    clock: systemClock,
    random: systemRandom,
  })
  if (!client.ok) return client
  const state = await CardState.follow(client.value, systemClock)
  terminal.screen?.status(undefined)
  if (state.ok) return ok({ client: client.value, state: state.value, terminal })
  client.value.close()
  return state
}
