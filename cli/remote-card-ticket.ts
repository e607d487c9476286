// stmgr remote-card-ticket: lets a wallet elsewhere hold the card of a node, by a ticket that is its key.

import { randomBytes } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { nobleProvider } from '../protocol/ed25519.ts'
import { checkForm, PERMISSIONS, toQr, toText, toToml, type AppTicket, type Form } from '../protocol/forms.ts'
import { SECRET_KEY_BYTES } from '../protocol/identity.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { SecretKey } from '../protocol/types.ts'
import { toBase64url } from '../protocol/wire.ts'
import { checkFree, readNodeFile, SECRET_MODE, writeForm, writeNewFile } from './files.ts'
import { grantOptions, readGrant } from './grant-options.ts'
import { command } from './program.ts'
import { drawQr } from './qr.ts'
import { EXIT, type Terminal } from './terminal.ts'

const options = {
  ticket: {
    type: 'string',
    short: 'T',
    required: true,
    value: 'FILE',
    about: 'the node ticket, or the friend ticket: over relays',
  },
  trusted: {
    type: 'string',
    required: true,
    value: 'DIR',
    about: "the node's folder of trusted apps",
  },
  name: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    about: "the app's name there, if it is not remote-card",
  },
  output: {
    type: 'string',
    short: 'o',
    value: 'FILE',
    about: 'the file to make; else it is shown, with a QR code',
  },
  ...grantOptions,
} as const

export const remoteCardTicket = command({
  about: 'makes the ticket by which a wallet elsewhere uses a card, and lets it in',
  options,
  examples: ['stmgr remote-card-ticket --ticket node0/node0.ticket --trusted node0/trusted'],
  notes: ['A secret. It may do all if nothing is named. To end it, remove DIR/NAME.ticket.'],
  run: async ({ ticket, trusted, name = 'remote-card', output, ...rest }, terminal) => {
    const grant = readGrant(rest, PERMISSIONS)
    if (!grant.ok) return finish(grant, terminal)
    if (/[/\\\0]/.test(name)) {
      return finish(fail('usage', `The name "${name}" is not one of a file: leave out slashes.`), terminal)
    }
    const place = await readNodeFile(ticket)
    if (!place.ok) return finish(place, terminal)
    const { publicKey, address, relays = [] } = place.value
    const secret = randomBytes(SECRET_KEY_BYTES)
    const form = checkForm(
      {
        kind: 'remote',
        ticket: { publicKey, secretKey: toBase64url(secret) as SecretKey, address, relays },
      },
      nobleProvider,
    )
    if (!form.ok) return finish(form, terminal)
    const app = { publicKey: nobleProvider.signer(secret).publicKey, ...grant.value }
    const written = await letIn(form.value, app, join(trusted, `${name}.ticket`), output)
    if (written.ok && output === undefined) show(form.value, terminal)
    return finish(written, terminal)
  },
})

/** Both files or none: the app ticket, which opens the door, comes last. */
async function letIn(
  form: Form,
  app: AppTicket,
  door: string,
  output: string | undefined,
): Promise<Result<void>> {
  const free = await checkFree(door)
  if (!free.ok) return free
  const kept = output === undefined ? ok(undefined) : await writeNewFile(output, toToml(form), SECRET_MODE)
  if (!kept.ok) return kept
  const opened = await writeForm(door, { kind: 'app', ticket: app })
  if (!opened.ok && output !== undefined) await unlink(output)
  return opened
}

function show(form: Form, terminal: Terminal): void {
  terminal.out(toText(form))
  for (const line of drawQr(toQr(form))) terminal.out(line)
}

function finish(result: Result<unknown>, terminal: Terminal): number {
  if (result.ok) return EXIT.ok
  terminal.error(result.error.message)
  return result.error.code === 'usage' ? EXIT.usage : EXIT.refused
}
