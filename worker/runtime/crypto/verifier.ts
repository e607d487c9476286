// Verification as the driver sees it: many signatures at once, whatever the provider underneath.

import type { SignatureCheck, Verifier } from '../../../protocol/crypto.ts'
import type { Ed25519Vector } from '../../../protocol/ed25519-vectors.ts'

/** Verifies by the one rule; the answers come in the order of the checks. Never rejects. */
export interface AsyncVerifier {
  readonly name: string
  verifyMany(checks: readonly SignatureCheck[]): Promise<boolean[]>
}

/** A synchronous provider behind the asynchronous interface. */
export function asyncVerifier(provider: Verifier & { readonly name: string }): AsyncVerifier {
  return {
    name: provider.name,
    verifyMany: (checks) => Promise.resolve(checks.map((check) => provider.verify(check))),
  }
}

/** Whether `verifier` gives the right answer to every vector, all of them in flight at once. */
export async function passesVectors(
  verifier: AsyncVerifier,
  vectors: readonly Ed25519Vector[],
): Promise<boolean> {
  const answers = await verifier.verifyMany(vectors.map((vector) => vector.check))
  return (
    answers.length === vectors.length && vectors.every((vector, index) => answers[index] === vector.isValid)
  )
}
