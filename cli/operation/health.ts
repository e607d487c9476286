// Whether a server should be sent anybody: what `/healthz` on the admin address says.

export type HealthState = 'starting' | 'ready' | 'draining' | 'fault'

export interface HealthReport {
  readonly state: HealthState
  /** What is wrong, and what to do. */
  readonly message?: string
}

export class Health {
  #phase: 'starting' | 'ready' | 'draining' = 'starting'
  #fault: () => string | undefined = () => undefined

  /** @param fault says why nothing works, as long as nothing does. */
  watch(fault: () => string | undefined): void {
    this.#fault = fault
  }

  /** It serves from now on, unless it is on its way out. */
  ready(): void {
    if (this.#phase === 'starting') this.#phase = 'ready'
  }

  draining(): void {
    this.#phase = 'draining'
  }

  report(): HealthReport {
    const message = this.#fault()
    if (this.#phase !== 'ready' || message === undefined) return { state: this.#phase }
    return { state: 'fault', message }
  }
}
