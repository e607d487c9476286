// A store that says how it does: what a node commits, and when it cannot.

import type { Store } from '../../worker/runtime/store.ts'
import type { Metric } from '../operation/metrics.ts'

export class CountedStore implements Store {
  readonly #store: Store
  #commits = 0
  #changes = 0
  #failures = 0

  constructor(store: Store) {
    this.#store = store
  }

  load: Store['load'] = () => this.#store.load()
  activity: Store['activity'] = (before, limit) => this.#store.activity(before, limit)

  commit: Store['commit'] = async (changes) => {
    try {
      await this.#store.commit(changes)
      this.#commits++
      this.#changes += changes.length
    } catch (error) {
      this.#failures++
      throw error
    }
  }

  close(): void {
    this.#store.close()
  }

  metrics(): Metric[] {
    return [
      {
        name: 'offst_node_commits_total',
        help: 'Commits that are on the disk',
        kind: 'counter',
        read: () => this.#commits,
      },
      {
        name: 'offst_node_changes_total',
        help: 'Records that those changed',
        kind: 'counter',
        read: () => this.#changes,
      },
      {
        name: 'offst_node_commit_failures_total',
        help: 'Commits that failed, such as on a full disk',
        kind: 'counter',
        read: () => this.#failures,
      },
    ]
  }
}
