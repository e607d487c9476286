// A remote card ticket on its way to its screen. It is a secret: it goes through memory, never through an address.

let text = $state.raw<string>()

export function handRemoteTicket(ticket: string): void {
  text = ticket
}

/** What was handed over, once. */
export function takeRemoteTicket(): string | undefined {
  const taken = text
  text = undefined
  return taken
}
