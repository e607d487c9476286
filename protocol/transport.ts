// What the state machines and shells expect of the world around them: sockets, time and random bytes.
// Browsers, Node.js and the simulator each bring their own.

/** A connected, ordered, message-preserving byte transport (a WebSocket). */
export interface Socket {
  /** Queues one binary message. Ignored after close. */
  send(message: Uint8Array): void
  /** Ends the connection; `onClose` of the other side follows. Idempotent. */
  close(): void
  /** Bytes queued and not yet handed to the network, or the memory that they take. */
  readonly bufferedBytes: number
  onMessage: (message: Uint8Array) => void
  /** Called once when the connection has ended, for whatever reason. */
  onClose: () => void
  /** Where the peer is, for limits: those of one network share them. Missing when they do not count for it. */
  readonly network?: string | undefined
  /** Hears, if it is there, that the peer has proved a key: who only knocks may be given less. */
  readonly proved?: () => void
}

/** Dials `url`. Resolves when connected; rejects with an Error whose message is fit for people. */
export type Connect = (url: string) => Promise<Socket>

/** Time: virtual in tests, real elsewhere. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls back after `delay_ms`; returns what cancels it. */
  after(delay_ms: number, callback: () => void): () => void
}

/** Cryptographically random bytes (seeded in tests). */
export type Random = (size: number) => Uint8Array
