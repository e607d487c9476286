// Apps that reach a node over links: lets in those whose tickets the node's owner has accepted, gives each one an
// app session of its own, and ends it when the owner takes the ticket back.

import { utf8ToBytes } from '@noble/hashes/utils.js'
import * as v from 'valibot'
import { APP_PROLOGUE } from '../../protocol/app-link.ts'
import { LinkAcceptor, type ServerEnvironment, type ServerStats } from '../../protocol/link-acceptor.ts'
import type { Fault } from '../../protocol/result.ts'
import type { Socket } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { TakenMessage, type NodeMessage } from '../api.ts'
import { App, type AppOptions, type AppPermission } from './app.ts'
import {
  APP_CALL_BYTES_MAX,
  APP_HANDSHAKES_MAX,
  APP_LINKS_MAX,
  APP_QUEUE_BYTES_MAX,
  APP_WAITING_BYTES_MAX,
} from './limits.ts'

export type AppPermissions = ReadonlySet<AppPermission>

export interface AppLinksOptions extends ServerEnvironment {
  readonly host: AppOptions['host']
  /** What the owner lets this app do now; undefined: nothing, it is not known. Never rejects. */
  readonly permissionsOf: (app: PublicKey) => Promise<AppPermissions | undefined>
  /** An app that may do something has connected. */
  readonly onSeen: (app: PublicKey) => void
}

/** One connected app. */
interface Session {
  readonly key: PublicKey
  permissions: AppPermissions
  /** Missing while its permissions are looked up. */
  app: App | undefined
  /** What it said meanwhile. */
  waiting: Uint8Array[]
}

const UNKNOWN: Fault = {
  code: 'unknownApp',
  message: 'The node does not know this app: its owner has to accept the app ticket first.',
}
const REVOKED: Fault = {
  code: 'revoked',
  message: "The node's owner has changed what this app may do: connect again.",
}

export class AppLinks {
  readonly #options: AppLinksOptions
  readonly #door: LinkAcceptor
  readonly #sessions = new Map<number, Session>()

  constructor(options: AppLinksOptions) {
    this.#options = options
    this.#door = new LinkAcceptor({
      ...options,
      prologue: APP_PROLOGUE,
      maxMessage: APP_CALL_BYTES_MAX,
      clientsMax: APP_LINKS_MAX,
      handshakesMax: APP_HANDSHAKES_MAX,
      queueBytesMax: APP_QUEUE_BYTES_MAX,
      onOpen: (connection, key) => void this.#open(connection, key),
      onMessage: (connection, message) => this.#receive(connection, message),
      onClose: (connection) => this.#forget(connection),
    })
  }

  /**
   * Serves one more connection.
   * @param maxFrame bytes of the largest frame that the socket carries; FRAME_BYTES_MAX if missing.
   */
  accept(socket: Socket, maxFrame?: number): void {
    this.#door.accept(socket, maxFrame)
  }

  /** The owner's decisions have changed: ends the sessions of the apps for which they have. */
  recheck(accepted: ReadonlyMap<PublicKey, AppPermissions>): void {
    for (const [connection, { key, app, permissions }] of [...this.#sessions]) {
      // One that is still looked up is told what holds then.
      if (app === undefined || areEqual(permissions, accepted.get(key))) continue
      this.#refuse(connection, REVOKED)
    }
  }

  /** Ends the sessions of an app. */
  end(key: PublicKey): void {
    for (const [connection, session] of [...this.#sessions]) {
      if (session.key === key) this.#refuse(connection, REVOKED)
    }
  }

  /** Ends all sessions and takes no new ones. */
  close(): void {
    for (const connection of [...this.#sessions.keys()]) this.#forget(connection)
    this.#door.closeAll()
  }

  stats(): ServerStats {
    return this.#door.stats
  }

  async #open(connection: number, key: PublicKey): Promise<void> {
    const session: Session = { key, permissions: new Set(), app: undefined, waiting: [] }
    this.#sessions.set(connection, session)
    const permissions = await this.#options.permissionsOf(key)
    // The app may have gone meanwhile.
    if (this.#sessions.get(connection) !== session) return
    if (permissions === undefined) {
      this.#refuse(connection, UNKNOWN)
      return
    }
    session.permissions = permissions
    session.app = new App({
      host: this.#options.host,
      permissions,
      app: key,
      send: (message) => this.#send(connection, message),
    })
    this.#options.onSeen(key)
    for (const message of session.waiting.splice(0)) this.#receive(connection, message)
  }

  #receive(connection: number, bytes: Uint8Array): void {
    const session = this.#sessions.get(connection)
    if (session === undefined) return
    const { app, waiting } = session
    if (app === undefined) {
      const size = waiting.reduce((sum, message) => sum + message.length, bytes.length)
      if (size <= APP_WAITING_BYTES_MAX) waiting.push(bytes)
      else
        this.#refuse(connection, { code: 'busy', message: 'Too many calls at once: wait for the answers.' })
      return
    }
    const message = parseJson(bytes)
    const taken = v.safeParse(TakenMessage, message)
    if (taken.success) app.taken(taken.output.taken)
    else app.receive(message)
  }

  /** Says why, and ends the connection. */
  #refuse(connection: number, error: Fault): void {
    this.#send(connection, { id: -1, error })
    this.#forget(connection)
    this.#door.close(connection)
  }

  #send(connection: number, message: NodeMessage): void {
    this.#door.send(connection, utf8ToBytes(JSON.stringify(message)))
  }

  #forget(connection: number): void {
    this.#sessions.get(connection)?.app?.close()
    this.#sessions.delete(connection)
  }
}

/** Undefined, which is no call, for what is not JSON. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function areEqual(a: AppPermissions, b: AppPermissions | undefined): boolean {
  return b !== undefined && a.size === b.size && [...a].every((permission) => b.has(permission))
}
