// Everything that a person hands to another, in every carrier: text, QR payload, link, TOML file, binary.
// The programs import this module; protocol/forms/ holds its parts.

import type { Form } from './forms/document.ts'
import { toFormText } from './forms/text.ts'

export { addressToUrl } from './forms/address.ts'
export { checkForm, toBinary, type KeyCheck } from './forms/binary.ts'
export {
  formKinds,
  nounOf,
  type Document,
  type DocumentKind,
  type DocumentOf,
  type Form,
  type FormKind,
} from './forms/document.ts'
export type { FormFault, FormFaultCode } from './forms/fault.ts'
export { readAs, readDocument } from './forms/read.ts'
export {
  PERIODS,
  PERMISSIONS,
  type AppTicket,
  type Budget,
  type FriendTicket,
  type Period,
  type Permission,
  type RemoteTicket,
  type ServerTicket,
} from './forms/tickets.ts'
export { toToml } from './forms/toml.ts'

/** Lower-case bech32m text, e.g. `offstfriend1…`. @throws {Error} when a field is out of range (see `checkForm`). */
export function toText(form: Form): string {
  return toFormText(form)
}

/** The text in capitals, which QR codes store in their dense alphanumeric mode. */
export function toQr(form: Form): string {
  return toFormText(form).toUpperCase()
}

/** A link that opens the wallet at `walletUrl` with this form; servers never see what follows `#`. */
export function toLink(form: Form, walletUrl: string): string {
  return `${walletUrl.replace(/#.*$/s, '')}#${toFormText(form)}`
}
