// The receipt of a payment: found again for an invoice that was paid before, and kept in a file.

import { toText, type DocumentOf } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import { PUBLIC_MODE, writeNewFile } from '../files.ts'
import type { Control } from './command.ts'
import { pageBefore } from './history.ts'

/** A payment that succeeded before. */
export interface PaidBefore {
  readonly id: string
  readonly finished: number
  readonly fees: string
}

/** The payment of an invoice among the last ones, which the node shows by itself. */
export function findShown({ state }: Control, invoice: DocumentOf<'invoice'>): PaidBefore | undefined {
  const text = toText(invoice)
  for (const { id, state: outcome, invoice: paid, finished, created, fees } of state.payments.values()) {
    if (outcome === 'paid' && paid === text) return { id, finished: finished ?? created, fees: fees ?? '0' }
  }
  return undefined
}

/** The payment of an invoice that may have been long ago: looks through the whole history. */
export async function findInHistory(
  control: Control,
  invoice: DocumentOf<'invoice'>,
): Promise<Result<PaidBefore | undefined>> {
  const text = toText(invoice)
  let before: number | undefined
  for (;;) {
    const page = await pageBefore(control, before)
    if (!page.ok) return page
    for (const { kind, payment, destination, time, fees } of page.value) {
      if (kind !== 'sent' || payment === undefined) continue
      if (destination !== invoice.invoice.destination) continue
      const forms = await control.client.call('payments.receipt', { id: payment })
      if (forms.ok && forms.value.invoice?.text === text) {
        return ok({ id: payment, finished: time, fees: fees ?? '0' })
      }
    }
    before = page.value.at(-1)?.id
    if (before === undefined) return ok(undefined)
  }
}

/** Writes the receipt of a payment into a new file; if that cannot be, the sentence carries it. */
export async function keepReceipt({ client }: Control, id: string, path: string): Promise<Result<void>> {
  const forms = await client.call('payments.receipt', { id })
  if (!forms.ok) return forms
  const { receipt } = forms.value
  const written = await writeNewFile(path, receipt.toml, PUBLIC_MODE)
  if (written.ok) return written
  return fail('unwritableFile', `It is paid, but ${written.error.message} The receipt: ${receipt.text}`)
}
