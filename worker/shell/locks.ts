// Web Locks as the shell uses them: who may work on a card, and who is still alive.

/** Named locks of one browser. A lock ends with its holder, however that one ends. */
export interface Locks {
  /** @returns what releases the lock, or undefined if somebody holds it. */
  tryHold(name: string): Promise<(() => void) | undefined>
  /** Waits for the lock. @returns what releases it, or undefined when `signal` ended the wait. */
  hold(name: string, signal?: AbortSignal): Promise<(() => void) | undefined>
}

/** Whoever holds it may open, change or delete the card's database. */
export function lockOfCard(publicKey: string): string {
  return `offst-card-${publicKey}`
}

export const webLocks: Locks = {
  tryHold: (name) => request(name, { ifAvailable: true }),
  hold: (name, signal) => request(name, signal === undefined ? {} : { signal }),
}

/** Resolves when nobody holds the lock any more. */
export async function whenFree(locks: Locks, name: string): Promise<void> {
  const release = await locks.hold(name)
  release?.()
}

function request(name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, options, (lock) => {
        if (lock === null) {
          resolve(undefined)
          return undefined
        }
        return new Promise<void>((release) => resolve(release))
      })
      .catch((error: unknown) => {
        if (options.signal?.aborted === true) resolve(undefined)
        else reject(error instanceof Error ? error : new Error(String(error)))
      })
  })
}
