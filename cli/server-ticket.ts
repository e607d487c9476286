// The ticket of a server: what it is called from outside, as text, QR code and file.

import { networkInterfaces } from 'node:os'
import { addressToUrl, toQr, toText, type Form } from '../protocol/forms.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { drawQr } from './qr.ts'
import type { Terminal } from './terminal.ts'
import { readForm, writeForm } from './files.ts'
import { formatHostPort, type HostPort } from './http-listener.ts'
import type { Certificate } from './operation/certificate.ts'

export type ServerForm = Extract<Form, { readonly kind: 'relay' | 'index' }>

const EVERYWHERE = new Set(['0.0.0.0', '::'])
const LOOPBACK = /^(localhost|127\.[0-9.]+|::1)$/

export function isEverywhere(host: string): boolean {
  return EVERYWHERE.has(host)
}

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** The addresses under which other machines of the local network may reach this one. */
export function localAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
}

/**
 * The address for the ticket: the public URL if given, else where the server listens. Fault `usage`.
 * @param hasTls whether the server ends TLS itself: then it answers nobody who dials without.
 */
export function ticketAddress(
  publicUrl: string | undefined,
  place: HostPort,
  hasTls = false,
): Result<string> {
  const host = isEverywhere(place.host) ? (localAddresses()[0] ?? '127.0.0.1') : place.host
  const address = publicUrl ?? formatHostPort({ ...place, host })
  const url = addressToUrl(address)
  if (!url.ok) return fail('usage', url.error.message)
  return ok(hasTls && !/^wss?:/i.test(address) ? `wss://${address}` : address)
}

/** Says so when those who dial the address will refuse the certificate. */
export function warnIfUncovered(certificate: Certificate, address: string, terminal: Terminal): void {
  const { hostname } = new URL(address)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!address.startsWith('wss:') || certificate.covers(host)) return
  terminal.error(`The certificate is not for ${host}: name the address that it is for with --public-url.`)
}

/** Prints the ticket, draws it when `withQr`, and writes it to `output`. Faults of the file. */
export async function showTicket(
  form: ServerForm,
  options: { readonly output?: string | undefined; readonly withQr: boolean },
  terminal: Terminal,
): Promise<Result<void>> {
  if (options.output !== undefined) {
    const written = await keepTicket(options.output, form)
    if (!written.ok) return written
  }
  terminal.out(toText(form))
  if (options.withQr) for (const line of drawQr(toQr(form))) terminal.out(line)
  return ok(undefined)
}

/** A restarted server finds its ticket where it left it; anything else in its place is not overwritten. */
async function keepTicket(path: string, form: ServerForm): Promise<Result<void>> {
  const existing = await readForm(path, form.kind)
  if (existing.ok && toText(existing.value) === toText(form)) return ok(undefined)
  return writeForm(path, form)
}
