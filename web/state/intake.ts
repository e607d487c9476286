// Whatever the user scans, pastes, drops, opens or follows a link to: says what it is and goes to its screen.

import { t } from '../messages/t.ts'
import { ApiError } from '../node/client.ts'
import { node, router, toasts } from '../wallet.ts'
import { readPicture } from './qr-reader.ts'
import { handRemoteTicket } from './remote-ticket.svelte.ts'

/** Larger files are none of ours. */
const FILE_BYTES_MAX = 20_000_000
/** What the node reads at most, as `FormText` of the API says; a sentence for people is better than its refusal. */
const TEXT_LENGTH_MAX = 65_536

type Move = 'go' | 'replace'

/** @param move `replace` leaves no way back to the screen that had the text. @throws {ApiError} when it is nothing that the wallet knows. */
export async function takeIn(text: string, move: Move = 'go'): Promise<void> {
  const proof = splitProof(text)
  if (proof !== undefined) {
    router[move](['verify'], proof)
    return
  }
  if (text.length > TEXT_LENGTH_MAX) throw new ApiError('tooLong', t('intake.textTooLong'))
  const seen = await node.call('text.inspect', { input: text })
  switch (seen.kind) {
    case 'friend':
      return goToFriend(move, seen.publicKey, seen.text)
    case 'invoice':
      return goToInvoice(move, seen.id, seen.destination, seen.text)
    case 'receipt':
      return router[move](['verify'], { receipt: seen.text })
    case 'relay':
    case 'index':
      return router[move](['servers', 'add'], { ticket: seen.text })
    case 'app':
      return router[move](['apps', 'add'], { ticket: seen.text })
    case 'remote':
      handRemoteTicket(seen.text)
      return router[move](['cards', 'remote'])
    case 'publicKey':
      return goToKey(move, seen.publicKey)
    default:
      throw new ApiError('notForWallet', t('intake.notForWallet'))
  }
}

/** The text in a file: of a document, or of the QR code on a picture. */
export async function readFile(file: File): Promise<string> {
  if (file.size > FILE_BYTES_MAX) throw new ApiError('tooLong', t('intake.fileTooLarge'))
  if (!file.type.startsWith('image/')) return file.text()
  const text = await readPicture(file)
  if (text === undefined) throw new ApiError('noCode', t('intake.noCode'))
  return text
}

/** An invoice and its receipt in one text, as the wallet saves them. */
export function splitProof(text: string): { invoice: string; receipt: string } | undefined {
  const invoice = /offstinvoice1[a-z0-9]+/i.exec(text)?.[0]
  const receipt = /offstreceipt1[a-z0-9]+/i.exec(text)?.[0]
  return invoice === undefined || receipt === undefined ? undefined : { invoice, receipt }
}

function goToFriend(move: Move, key: string, ticket: string): void {
  if (key === node.card?.id) throw new ApiError('ownTicket', t('intake.ownTicket'))
  const known = node.friends.find(({ publicKey }) => publicKey === key)
  if (known === undefined) {
    router[move](['friends', 'new'], { ticket })
    return
  }
  toasts.done(t('intake.knownFriend', { name: known.name }))
  router[move](['friends', key])
}

function goToInvoice(move: Move, id: string, destination: string, invoice: string): void {
  const mine = node.invoices.some((view) => view.id === id)
  if (mine) router[move](['invoices', id])
  else if (destination === node.card?.id) throw new ApiError('ownInvoice', t('fault.ownInvoice'))
  else router[move](['pay', 'review'], { invoice })
}

function goToKey(move: Move, key: string): void {
  if (key === node.card?.id) throw new ApiError('ownTicket', t('intake.ownTicket'))
  router[move](['pay', 'to', key])
}
