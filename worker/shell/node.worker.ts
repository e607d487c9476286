// The SharedWorker: one node for all tabs of this browser.

import { startWorker } from './environment.ts'
import { PageSession } from './page-session.ts'

declare const self: SharedWorkerGlobalScope

const worker = startWorker(() => self.close())

self.onconnect = ({ ports }) => {
  const port = ports[0]
  if (port === undefined) return
  const session = new PageSession(
    worker,
    (message) => port.postMessage(message),
    () => port.close(),
  )
  port.onmessage = ({ data }: MessageEvent<unknown>) => session.receive(data)
}
