// The worker of one tab where there is no SharedWorker. All such workers stand for election by a Web Lock; the one
// that has it runs the node and serves every tab. The others wait, and one of them follows when it has gone.

import * as v from 'valibot'
import { channels, TabMessage, type Elected } from '../api.ts'
import { startWorker } from './environment.ts'
import { webLocks } from './locks.ts'
import { PageSession } from './page-session.ts'

declare const self: DedicatedWorkerGlobalScope

/** Whoever holds it is elected. */
const ELECTION = 'offst-node'

void stand()

async function stand(): Promise<void> {
  await webLocks.hold(ELECTION)
  const worker = startWorker(() => self.close())
  const sessions = new Map<string, PageSession>()
  new BroadcastChannel(channels.calls).onmessage = ({ data }: MessageEvent<unknown>) => {
    const parsed = v.safeParse(TabMessage, data)
    if (!parsed.success) return
    const { tab, message } = parsed.output
    sessionOf(tab).receive(message)
  }
  // Pages say hello to it; those that come later do so by themselves.
  const elected: Elected = { boot: worker.boot }
  new BroadcastChannel(channels.elected).postMessage(elected)

  function sessionOf(tab: string): PageSession {
    const known = sessions.get(tab)
    if (known !== undefined) return known
    const answers = new BroadcastChannel(channels.ofTab(tab))
    const session = new PageSession(
      worker,
      (message) => answers.postMessage(message),
      () => {
        sessions.delete(tab)
        answers.close()
      },
    )
    sessions.set(tab, session)
    return session
  }
}
