// Whether the browser has promised to keep what is stored here.

export type Persistence = 'unknown' | 'kept' | 'notKept'

export class Storage {
  #state = $state<Persistence>('unknown')

  get state(): Persistence {
    return this.#state
  }

  /** Asks for the promise; browsers decide by themselves, or ask the user. */
  async ask(): Promise<void> {
    if (!('storage' in navigator)) return
    const kept = (await navigator.storage.persisted()) || (await navigator.storage.persist())
    this.#state = kept ? 'kept' : 'notKept'
  }
}
