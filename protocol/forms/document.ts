// The registry of everything that a person hands to another: its kinds, names, prefixes and binary forms (TXT-1).
// A new kind is one variant of Document, one line of the codec and one entry of FORMS.

import * as P from 'micro-packed'
import type { Note, Statement } from '../channel-messages.ts'
import { invoiceCodec, receiptCodec, type Invoice, type Receipt } from '../payment.ts'
import { statementCodec, type SignedStatement } from '../statement.ts'
import type { PublicKey } from '../types.ts'
import * as wire from '../wire.ts'
import type { Read } from './fault.ts'
import * as tickets from './tickets.ts'
import type { AppTicket, Budget, FriendTicket, RemoteTicket, ServerTicket } from './tickets.ts'
import * as toml from './toml-fields.ts'

/** What has a binary form, a text, a TOML file and a link. */
export type Form =
  | { readonly kind: 'friend'; readonly ticket: FriendTicket }
  | { readonly kind: 'relay'; readonly ticket: ServerTicket }
  | { readonly kind: 'index'; readonly ticket: ServerTicket }
  | { readonly kind: 'node'; readonly ticket: ServerTicket }
  | { readonly kind: 'app'; readonly ticket: AppTicket }
  | { readonly kind: 'invoice'; readonly invoice: Invoice }
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'statement'; readonly statement: SignedStatement }
  | { readonly kind: 'remote'; readonly ticket: RemoteTicket }

/** What a person may paste: a form, or a bare public key. */
export type Document = Form | { readonly kind: 'publicKey'; readonly publicKey: PublicKey }

export type FormKind = Form['kind']
export type DocumentKind = Document['kind']
export type DocumentOf<K extends DocumentKind> = Extract<Document, { readonly kind: K }>

/** What the programs need to know of one kind of form. */
export interface FormSpec<F extends Form> {
  /** Human-readable part of the bech32m text. */
  readonly prefix: string
  /** How a sentence names it, with its article. */
  readonly noun: string
  /** Every public key in it, each of which has to be a valid point. */
  keys(form: F): readonly PublicKey[]
  toTable(form: F): toml.Table
  fromTable(table: toml.Table): Read<F>
}

export const FORMS: { readonly [K in FormKind]: FormSpec<DocumentOf<K>> } = {
  friend: {
    prefix: 'offstfriend',
    noun: "a friend's code",
    keys: ({ ticket }) => [ticket.publicKey, ...ticket.relays.map((relay) => relay.publicKey)],
    toTable: ({ ticket }) => toml.write(friendTable, ticket),
    fromTable: (table) => toml.read(friendTable, table, (ticket) => ({ kind: 'friend', ticket })),
  },
  relay: {
    prefix: 'offstrelay',
    noun: 'a relay ticket',
    keys: ({ ticket }) => [ticket.publicKey],
    toTable: ({ ticket }) => toml.write(serverTable, ticket),
    fromTable: (table) => toml.read(serverTable, table, (ticket) => ({ kind: 'relay', ticket })),
  },
  index: {
    prefix: 'offstindex',
    noun: 'an index server ticket',
    keys: ({ ticket }) => [ticket.publicKey],
    toTable: ({ ticket }) => toml.write(serverTable, ticket),
    fromTable: (table) => toml.read(serverTable, table, (ticket) => ({ kind: 'index', ticket })),
  },
  node: {
    prefix: 'offstnode',
    noun: 'a node ticket',
    keys: ({ ticket }) => [ticket.publicKey],
    toTable: ({ ticket }) => toml.write(serverTable, ticket),
    fromTable: (table) => toml.read(serverTable, table, (ticket) => ({ kind: 'node', ticket })),
  },
  app: {
    prefix: 'offstapp',
    noun: 'an app ticket',
    keys: ({ ticket }) => [ticket.publicKey],
    toTable: ({ ticket }) => toml.write(appTable, ticket),
    fromTable: (table) => toml.read(appTable, table, (ticket) => ({ kind: 'app', ticket })),
  },
  invoice: {
    prefix: 'offstinvoice',
    noun: 'an invoice',
    keys: ({ invoice }) => [invoice.destination],
    toTable: ({ invoice }) => toml.write(invoiceTable, invoice),
    fromTable: (table) => toml.read(invoiceTable, table, (invoice) => ({ kind: 'invoice', invoice })),
  },
  receipt: {
    prefix: 'offstreceipt',
    noun: 'a receipt',
    keys: ({ receipt }) => [receipt.receiptKey],
    toTable: ({ receipt }) => toml.write(receiptTable, receipt),
    fromTable: (table) => toml.read(receiptTable, table, (receipt) => ({ kind: 'receipt', receipt })),
  },
  statement: {
    prefix: 'offststatement',
    noun: 'a signed statement',
    keys: ({ statement }) => [statement.signer, statement.receiver],
    toTable: ({ statement: { note, ...rest } }) => toml.write(statementTable, { ...note, ...rest }),
    fromTable: (table) =>
      toml.read(statementTable, table, ({ signer, receiver, signature, ...note }) => ({
        kind: 'statement',
        statement: { signer, receiver, note, signature },
      })),
  },
  remote: {
    prefix: 'offstremote',
    noun: 'a remote card ticket',
    keys: ({ ticket }) => [ticket.publicKey, ...ticket.relays.map((relay) => relay.publicKey)],
    toTable: ({ ticket }) => toml.write(remoteTable, ticket),
    fromTable: (table) => toml.read(remoteTable, table, (ticket) => ({ kind: 'remote', ticket })),
  },
}

/** The byte that tells the kinds apart, and the fields. */
export const formCodec: P.CoderType<Form> = wire.union({
  friend: [1, P.struct({ ticket: tickets.friendTicket })],
  relay: [2, P.struct({ ticket: tickets.serverTicket })],
  index: [3, P.struct({ ticket: tickets.serverTicket })],
  node: [4, P.struct({ ticket: tickets.serverTicket })],
  app: [5, P.struct({ ticket: tickets.appTicket })],
  invoice: [6, P.struct({ invoice: invoiceCodec })],
  receipt: [7, P.struct({ receipt: receiptCodec })],
  statement: [8, P.struct({ statement: statementCodec })],
  remote: [9, P.struct({ ticket: tickets.remoteTicket })],
})

const serverTable: toml.Schema<ServerTicket> = {
  publicKey: ['public_key', toml.bytes(32)],
  address: ['address', toml.text()],
}
const friendTable: toml.Schema<FriendTicket> = {
  publicKey: ['public_key', toml.bytes(32)],
  name: ['name', toml.optional(toml.text())],
  relays: ['relays', toml.tables(serverTable)],
}
const budgetTable: toml.Schema<Budget> = {
  currency: ['currency', toml.text()],
  amount: ['amount', toml.amount],
  period: ['period', toml.word(tickets.PERIODS)],
}
const appTable: toml.Schema<AppTicket> = {
  publicKey: ['public_key', toml.bytes(32)],
  permissions: ['permissions', toml.words(tickets.PERMISSIONS)],
  budgets: ['budgets', toml.optional(toml.tables(budgetTable))],
}
const remoteTable: toml.Schema<RemoteTicket> = {
  publicKey: ['public_key', toml.bytes(32)],
  secretKey: ['secret_key', toml.bytes(32)],
  name: ['name', toml.optional(toml.text())],
  address: ['address', toml.optional(toml.text())],
  relays: ['relays', toml.tables(serverTable)],
}
const invoiceTable: toml.Schema<Invoice> = {
  destination: ['public_key', toml.bytes(32)],
  currency: ['currency', toml.text()],
  amount: ['amount', toml.amount],
  description: ['description', toml.optional(toml.text())],
  created: ['created', toml.time],
  expires: ['expires', toml.optional(toml.time)],
  nonce: ['nonce', toml.bytes(16)],
}
const receiptTable: toml.Schema<Receipt> = {
  requestId: ['request_id', toml.bytes(16)],
  invoiceId: ['invoice_id', toml.bytes(32)],
  currency: ['currency', toml.text()],
  destPayment: ['dest_payment', toml.amount],
  totalDestPayment: ['total_dest_payment', toml.amount],
  receiptKey: ['public_key', toml.bytes(32)],
  signature: ['signature', toml.bytes(64)],
}

const statementTable: toml.Schema<Note & Omit<SignedStatement, 'note'>> = {
  signer: ['public_key', toml.bytes(32)],
  receiver: ['receiver', toml.bytes(32)],
  time: ['time', toml.time],
  statements: [
    'statements',
    toml.tables<Statement>({
      currency: ['currency', toml.text()],
      balance: ['balance', toml.balance],
      localPending: ['local_pending', toml.amount],
      remotePending: ['remote_pending', toml.amount],
    }),
  ],
  epoch: ['epoch', toml.count],
  signerSeq: ['signer_seq', toml.count],
  signerHash: ['signer_hash', toml.bytes(32)],
  receiverSeq: ['receiver_seq', toml.count],
  receiverHash: ['receiver_hash', toml.bytes(32)],
  signature: ['signature', toml.bytes(64)],
}

export function isFormKind(kind: string): kind is FormKind {
  return Object.hasOwn(FORMS, kind)
}

/** How a sentence names this kind: "an invoice". */
export function nounOf(kind: DocumentKind): string {
  return kind === 'publicKey' ? 'a public key' : FORMS[kind].noun
}

export function formKinds(): readonly FormKind[] {
  return Object.keys(FORMS).filter(isFormKind)
}
