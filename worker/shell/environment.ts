// What a browser gives the node: time, random bytes, sockets, storage and cryptography; and the host made of it.

import { nobleProvider } from '../../protocol/ed25519.ts'
import type { Clock, Random } from '../../protocol/transport.ts'
import { toBase64url } from '../../protocol/wire.ts'
import { lockOfBoot } from '../api.ts'
import { chooseVerifier } from '../runtime/crypto/webcrypto.ts'
import { deleteDatabase, DexieStore } from '../runtime/dexie-store.ts'
import { connectBrowserSocket } from './browser-socket.ts'
import { Host } from './host.ts'
import { webLocks } from './locks.ts'
import type { ServingWorker } from './page-session.ts'
import { DexieRegistry } from './registry.ts'
import { ServedCard } from './served-card.ts'

/** Milliseconds since 1970 at which this worker was built; 0 in development. */
const BUILD = Number(import.meta.env.VITE_BUILD ?? 0)

const clock: Clock = {
  now: () => Date.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, delay_ms)
    return () => clearTimeout(timer)
  },
}

const random: Random = (size) => crypto.getRandomValues(new Uint8Array(size))

/**
 * Starts the node of this browser in this worker.
 * @param end ends the worker; called after it was asked to retire and its cards have stopped.
 */
export function startWorker(end: () => void): ServingWorker {
  const host = new Host({
    registry: new DexieRegistry(),
    locks: webLocks,
    openStore: (card) => new DexieStore(card),
    deleteStore: deleteDatabase,
    createNode: (options) => new ServedCard(options),
    crypto: nobleProvider,
    chooseVerifier: () => chooseVerifier(crypto.subtle),
    clock,
    random,
    connect: connectBrowserSocket,
  })
  // Waits have grown while there was no network: a person who has it again would look at a card that does nothing.
  globalThis.addEventListener('online', () => host.wake())
  const boot = toBase64url(random(16))
  // Held to the end of this worker: pages start the next one when it is free.
  const alive = webLocks.hold(lockOfBoot(boot)).then(() => undefined)
  // What fails here is told to the first call, which tries again.
  host.start().catch(() => undefined)
  return {
    host,
    locks: webLocks,
    boot,
    build: BUILD,
    alive,
    sessions: new Map(),
    retire: () => void host.stop().finally(end),
  }
}
