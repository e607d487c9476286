// What was thrown, as a fault for people: storage explains itself, the rest is a bug that must not spread.

import type { Fault } from '../../protocol/result.ts'
import { storeFault } from '../runtime/driver.ts'
import { StoreError } from '../runtime/store.ts'

export function faultOf(error: unknown): Fault {
  if (error instanceof StoreError) return storeFault(error)
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `The node could not do this (${message}). Try again, or reload the page.`,
  }
}
