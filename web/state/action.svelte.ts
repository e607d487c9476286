// One thing that the user asked for: whether it is under way, and why it did not work.

import { ApiError } from '../node/client.ts'
import { sentenceOf, type Problem } from './faults.ts'

export class Action {
  #busy = $state(false)
  #problem = $state.raw<Problem>()

  get busy(): boolean {
    return this.#busy
  }

  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Runs `work` unless it is still running; its fault becomes `problem`. @returns whether it worked. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.#busy) return false
    this.#busy = true
    this.#problem = undefined
    try {
      await work()
      return true
    } catch (error) {
      this.#problem = problemOf(error)
      return false
    } finally {
      this.#busy = false
    }
  }

  clear(): void {
    this.#problem = undefined
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return { text: sentenceOf(error), code: error.code }
  return { text: error instanceof Error ? error.message : String(error) }
}
