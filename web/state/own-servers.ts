// The relays and index servers that come with this wallet, from the server that served it.

import * as v from 'valibot'

const OWN_SERVERS_PATH = '/.well-known/offst.json'
const ANSWER_MS_MAX = 4_000

/** Text forms: `offstrelay1…`, `offstindex1…`. */
export interface ServerTexts {
  readonly relays: readonly string[]
  readonly indexServers: readonly string[]
}

const Answer = v.object({
  version: v.literal(1),
  relays: v.array(v.string()),
  indexServers: v.array(v.string()),
})

/** Empty lists where nobody offers any: a card can be made without. */
export async function fetchOwnServers(): Promise<ServerTexts> {
  try {
    const response = await fetch(OWN_SERVERS_PATH, { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    const answer = v.safeParse(Answer, await response.json())
    return answer.success ? answer.output : { relays: [], indexServers: [] }
  } catch {
    return { relays: [], indexServers: [] }
  }
}
