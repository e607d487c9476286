// What our ports say to those who come with plain HTTP.

import type { ServerResponse } from 'node:http'
import { SECURITY_HEADERS } from './security-headers.ts'

/** Of a port for WebSockets, to people who open its address in a browser. @param sentence what is here, and how to come in. */
export function requireUpgrade(response: ServerResponse, sentence: string): void {
  response.writeHead(426, {
    ...SECURITY_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    upgrade: 'websocket',
  })
  response.end(`${sentence}\n`)
}

/** As it is now. Node.js leaves out the body when the method is HEAD. */
export function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  })
  response.end(`${JSON.stringify(value)}\n`)
}
