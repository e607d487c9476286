// What a port for WebSockets says to people who open its address in a browser.

import type { ServerResponse } from 'node:http'
import { SECURITY_HEADERS } from './security-headers.ts'

/** @param sentence what is here, and how to come in. */
export function requireUpgrade(response: ServerResponse, sentence: string): void {
  response.writeHead(426, {
    ...SECURITY_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    upgrade: 'websocket',
  })
  response.end(`${sentence}\n`)
}
