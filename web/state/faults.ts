// From a fault's code to a sentence that says why and what could help.

import { textOf } from '../messages/t.ts'

export interface Problem {
  readonly text: string
  /** For the details. */
  readonly code?: string
}

interface FaultLike {
  readonly code: string
  readonly message: string
}

/** An invoice with one of these can never be paid any more, however often it is tried. */
const FINAL: ReadonlySet<string> = new Set(['invoicePaid', 'invoiceCancelled', 'invoiceExpired'])

/** Whether trying again is of no use. */
export function isFinal({ code }: { readonly code?: string }): boolean {
  return code !== undefined && FINAL.has(code)
}

/** The catalogue's sentence for the code, else the fault's own. */
export function sentenceOf(fault: FaultLike): string {
  return textOf('fault.', fault.code) ?? fault.message
}

/** A short reason for a list: `no room on the way`. */
export function reasonOf(fault: FaultLike): string {
  return textOf('reason.', fault.code) ?? textOf('fault.', fault.code) ?? fault.message
}

/** What could help, where the catalogue knows. */
export function helpFor(fault: FaultLike): string | undefined {
  return textOf('help.', fault.code)
}
