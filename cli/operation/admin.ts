// The admin address: how a program is, for whoever watches it. Not for the public.

import type { ServerResponse } from 'node:http'
import type { Result } from '../../protocol/result.ts'
import { listen, type HostPort, type Listener } from '../http-listener.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

/** Faults of `listen`. */
export function listenForAdmin(
  address: HostPort,
  { health, metrics }: { readonly health: Health; readonly metrics: Metrics },
): Promise<Result<Listener>> {
  return listen({
    ...address,
    onRequest: (request, response) => {
      const path = (request.url ?? '/').replace(/\?.*$/s, '')
      if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'Only GET and HEAD.\n')
      else if (path === '/healthz') sendHealth(response, health)
      else if (path === '/metrics') void sendMetrics(response, metrics)
      else send(response, 404, 'There are /healthz and /metrics here.\n')
    },
    endpointOf: () => undefined,
  })
}

/** Only who is ready should be sent clients. */
function sendHealth(response: ServerResponse, health: Health): void {
  const report = health.report()
  send(response, report.state === 'ready' ? 200 : 503, `${JSON.stringify(report)}\n`, 'application/json')
}

async function sendMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  const { type, body } = await metrics.text()
  send(response, 200, body, type)
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, {
    'content-type': type === 'text/plain' ? `${type}; charset=utf-8` : type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
