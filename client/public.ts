// What `offst/client` exports in every environment.

import type { Fault, Result } from '../protocol/result.ts'

export type { Permission } from '../protocol/forms.ts'
export type { Fault, Result } from '../protocol/result.ts'
export type { Connect, Socket } from '../protocol/transport.ts'
export type {
  ActivityView,
  AppView,
  CardView,
  CurrencyView,
  FriendView,
  InvoiceView,
  MethodName,
  ParamsOf,
  PaymentView,
  ResultOf,
  RouteView,
  ServerView,
  SettingsView,
} from '../worker/api.ts'
export type { CardState } from './card-state.ts'
export type { Card, InvoiceOptions, OpenCardOptions, PayOptions } from './card.ts'
export type { NodeClient } from './client.ts'
export { appTicketOf, createIdentity, verifyReceipt } from './documents.ts'

/** A fault that was thrown by `unwrap`. */
export class OffstError extends Error {
  override readonly name = 'OffstError'
  /** Stable, for programs; the message is for people. */
  readonly code: string
  constructor({ code, message }: Fault) {
    super(message)
    this.code = code
  }
}

/** The value of a result, for those who prefer exceptions. @throws {OffstError} when it is a fault. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new OffstError(result.error)
}
