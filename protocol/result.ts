// Expected failures are values: a function that may fail for reasons outside the program returns a Result.

/** What went wrong: a stable code for programs, a sentence for people that says what to do. */
export interface Fault {
  readonly code: string
  readonly message: string
}

export type Result<T, E extends Fault = Fault> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value }
}

export function fail<C extends string>(
  code: C,
  message: string,
): { readonly ok: false; readonly error: { readonly code: C; readonly message: string } } {
  return { ok: false, error: { code, message } }
}

/** A broken invariant of our own: stops the node before anything is stored or sent. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Asserts what must hold whatever a peer or a user does; on in production. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
