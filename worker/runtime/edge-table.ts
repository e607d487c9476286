// What the card tells its index servers of each friend and currency, as last read from the core.

import type { PublicKey } from '../../protocol/types.ts'
import type { EdgeReport } from '../core/actions.ts'

export class EdgeTable {
  readonly #reports = new Map<string, EdgeReport>()

  /** All reports; those of friends and currencies that are gone are not among them. */
  all(): EdgeReport[] {
    return [...this.#reports.values()].filter(({ capacity }) => capacity > 0n)
  }

  /** The report of one name given out by `setAll` or `set`. */
  get(name: string): EdgeReport | undefined {
    return this.#reports.get(name)
  }

  /** Replaces everything. */
  setAll(reports: readonly EdgeReport[]): void {
    this.#reports.clear()
    for (const report of reports) this.#reports.set(nameOf(report), report)
  }

  /**
   * Replaces what is known of one friend; what is no longer reported stays with capacity 0, so that it can be
   * taken back.
   * @returns the names of the reports that are others than before.
   */
  set(friend: PublicKey, reports: readonly EdgeReport[]): string[] {
    const now = new Map(reports.map((report) => [nameOf(report), report]))
    for (const [name, before] of this.#reports) {
      if (before.friend === friend && !now.has(name)) now.set(name, { ...before, capacity: 0n })
    }
    const changed = [...now].filter(([name, report]) => !isSame(report, this.#reports.get(name)))
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
