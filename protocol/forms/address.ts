// Where a server or node listens: `host:port` or a WebSocket URL, and the URL that one dials for it.

import { fail, ok, type Result } from '../result.ts'
import { ADDRESS_BYTES_MAX } from '../limits.ts'

const HOST_PORT = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]):([0-9]{1,5})$/i

/**
 * The WebSocket URL of an address (TXT-6).
 * @param address `host:port`, or a `ws://` / `wss://` URL without credentials and fragment.
 * @returns fault `malformed` with a sentence that says what is wrong.
 */
export function addressToUrl(address: string): Result<string> {
  if (address.length > ADDRESS_BYTES_MAX) return refuse(`is longer than ${ADDRESS_BYTES_MAX} bytes`)
  if (!/^[\x21-\x7e]+$/.test(address)) return refuse('holds spaces or characters other than plain ASCII')
  const hostPort = HOST_PORT.exec(address)
  if (hostPort === null && !/^wss?:\/\//i.test(address)) {
    return /^[a-z][a-z0-9+.-]*:\/\//i.test(address)
      ? refuse('has another scheme than ws:// or wss://')
      : refuse('is neither host:port nor a ws:// or wss:// URL')
  }
  const url = parseUrl(hostPort === null ? address : `ws://${address}`)
  if (url === undefined || url.hostname === '') return refuse('is not a valid URL')
  if (url.port === '0' || hostPort?.[1] === '0') return refuse('has port 0, which nobody can dial')
  if (url.username !== '' || url.password !== '') return refuse('carries a user name or a password')
  if (address.includes('#')) return refuse('carries a fragment (#)')
  return ok(url.href)

  function refuse(reason: string): Result<string> {
    const shown = address.length > 60 ? `${address.slice(0, 60)}…` : address
    return fail('malformed', `The address "${shown}" ${reason}. Write it as host:port or wss://host/path.`)
  }
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
