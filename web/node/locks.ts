// Web Locks as signs of life: a lock is free exactly when its holder has gone, for whatever reason.

/** Takes the lock and keeps it until this page has gone. */
export function holdForever(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve()
        return new Promise<never>(() => undefined)
      })
      .catch(reject)
  })
}

/** Calls back once, when nobody holds the lock. @returns what stops waiting. */
export function whenFree(name: string, callback: () => void): () => void {
  const waiting = new AbortController()
  navigator.locks
    .request(name, { mode: 'shared', signal: waiting.signal }, () => {
      if (!waiting.signal.aborted) callback()
    })
    .catch(() => undefined)
  return () => waiting.abort()
}
