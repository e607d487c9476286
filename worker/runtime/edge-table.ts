// What the card tells its index servers of each friend and currency, as last read from the core.

import type { PublicKey } from '../../protocol/types.ts'
import type { EdgeReport } from '../core/actions.ts'

export class EdgeTable {
  readonly #reports = new Map<string, EdgeReport>()
  /** Names of reports on friends and currencies that are gone. */
  readonly #gone = new Set<string>()

  /** All reports but of what is gone; also of those who can send nothing now, for they may be sent to (IDX-4). */
  all(): EdgeReport[] {
    return [...this.#reports].filter(([name]) => !this.#gone.has(name)).map(([, report]) => report)
  }

  /** The report of one name given out by `setAll` or `set`. */
  get(name: string): EdgeReport | undefined {
    return this.#reports.get(name)
  }

  /** Replaces everything. */
  setAll(reports: readonly EdgeReport[]): void {
    this.#reports.clear()
    this.#gone.clear()
    for (const report of reports) this.#reports.set(nameOf(report), report)
  }

  /**
   * Replaces what is known of one friend; what is no longer reported stays with capacity 0, so that it can be
   * taken back.
   * @returns the names of the reports that are others than before.
   */
  set(friend: PublicKey, reports: readonly EdgeReport[]): string[] {
    const now = new Map(reports.map((report) => [nameOf(report), report]))
    // What comes back is told again: a server that was told everything meanwhile has not heard of it.
    const back = new Set([...now.keys()].filter((name) => this.#gone.delete(name)))
    for (const [name, before] of this.#reports) {
      if (before.friend !== friend || now.has(name)) continue
      now.set(name, { ...before, capacity: 0n })
      this.#gone.add(name)
    }
    const changed = [...now].filter(
      ([name, report]) => back.has(name) || !isSame(report, this.#reports.get(name)),
    )
    for (const [name, report] of changed) this.#reports.set(name, report)
    return changed.map(([name]) => name)
  }
}

function nameOf({ friend, currency }: EdgeReport): string {
  return `${friend}/${currency}`
}

function isSame(a: EdgeReport, b: EdgeReport | undefined): boolean {
  return a.capacity === b?.capacity && a.rate.mul === b.rate.mul && a.rate.add === b.rate.add
}
