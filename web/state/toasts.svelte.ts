// Short messages at the edge of the screen that say that something was done, and may offer to undo it.

const SHOWN_MS = 5_000
const SHOWN_WITH_ACTION_MS = 9_000

export interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: 'done' | 'problem'
  readonly action?: { readonly label: string; readonly run: () => void }
}

export class Toasts {
  #list = $state.raw<readonly Toast[]>([])
  #nextId = 1

  get list(): readonly Toast[] {
    return this.#list
  }

  done(text: string, action?: Toast['action']): void {
    this.#show({ text, kind: 'done', ...(action === undefined ? {} : { action }) })
  }

  problem(text: string): void {
    this.#show({ text, kind: 'problem' })
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((toast) => toast.id !== id)
  }

  #show(toast: Omit<Toast, 'id'>): void {
    const id = this.#nextId++
    this.#list = [{ ...toast, id }]
    setTimeout(() => this.dismiss(id), toast.action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS)
  }
}
