// The most that could be paid to somebody now, once the index servers have said so.

import { node } from '../wallet.ts'

export class Most {
  #amount = $state.raw<bigint>()
  /** Only the answer to the last question counts. */
  #questions = 0

  /** Undefined until it is known, and when nothing could be paid. */
  get amount(): bigint | undefined {
    return this.#amount
  }

  async look(destination: string, currency: string): Promise<void> {
    const question = ++this.#questions
    this.#amount = undefined
    try {
      const { amount } = await node.call('payments.maxPayable', { destination, currency })
      if (question === this.#questions) this.#amount = BigInt(amount)
    } catch {
      // It would only have helped; why nothing can be paid is said when somebody tries.
    }
  }
}
