// Random identifiers that make a repeated call the same call.

/** 16 random bytes as base64url: the `key`, `id` or `nonce` of a call. Keep it for the call's repetitions. */
export function newId16(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
