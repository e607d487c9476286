// The identifiers that all programs share. Fixed-size bytes travel through the code as base64url strings
// without padding (canonical, so string equality is byte equality), which makes them map keys and JSON values.

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Ed25519 public key: 32 bytes, 43 characters of base64url. */
export type PublicKey = Branded<'PublicKey'>
/** Ed25519 secret key (the seed of RFC 8032): 32 bytes, 43 characters. Only forms that are secrets hold one. */
export type SecretKey = Branded<'SecretKey'>
/** Sha256 hash: 32 bytes, 43 characters. */
export type Hash = Branded<'Hash'>
/** Hash of an invoice (or a fresh random value where there is none): 32 bytes, 43 characters. */
export type InvoiceId = Branded<'InvoiceId'>
/** Random identifier of one request: 16 bytes, 22 characters. */
export type RequestId = Branded<'RequestId'>
/** Random identifier of one payment, chosen by the buyer's app: 16 bytes, 22 characters. */
export type PaymentId = Branded<'PaymentId'>
/** Ed25519 signature: 64 bytes, 86 characters. */
export type Signature = Branded<'Signature'>
/** Name of a currency: 1..16 bytes of UTF-8, no control characters. */
export type Currency = Branded<'Currency'>

/** Milliseconds since 1970 by the clock of the machine that wrote it. */
export type Time = number

/** What a mediator takes to forward: `floor(amount * mul / 2^32) + add`. */
export interface Rate {
  /** 0..2^32-1, in units of 2^-32. */
  readonly mul: number
  /** Credits, 0..2^32-1. */
  readonly add: number
}

/** A server's or node's place on the network. */
export interface RelayAddress {
  readonly publicKey: PublicKey
  /** `host:port` or a `ws://` / `wss://` URL; at most ADDRESS_BYTES_MAX bytes. */
  readonly address: string
}
