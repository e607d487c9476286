// Where the page is: the fragment of its address, so that reload, back and links work. A fragment that is not one
// of ours is what somebody handed over (`#offstinvoice1…`).

export interface Place {
  /** `['friends', '<key>']` for `#/friends/<key>`; empty on the home screen. */
  readonly parts: readonly string[]
  readonly query: URLSearchParams
  /** Text of a link from elsewhere, to be looked at. */
  readonly handed?: string
}

export class Router {
  #place = $state.raw<Place>(readPlace(location.hash))
  /** How many steps back stay within the wallet. */
  #depth = 0

  constructor() {
    addEventListener('hashchange', () => this.#moved())
  }

  get place(): Place {
    return this.#place
  }

  /** The address of a screen, for links. */
  link(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
    const search = new URLSearchParams(query).toString()
    return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
  }

  go(parts: readonly string[], query: Readonly<Record<string, string>> = {}): void {
    this.#depth += 1
    location.hash = this.link(parts, query)
  }

  /** Goes on without a way back to this screen. */
  replace(parts: readonly string[], query: Readonly<Record<string, string>> = {}): void {
    history.replaceState(null, '', this.link(parts, query))
    this.#moved()
  }

  /** To the screen before, or to `parent` when the wallet was opened here. */
  back(parent: readonly string[] = []): void {
    if (this.#depth > 0) {
      this.#depth -= 1
      history.back()
    } else {
      this.replace(parent)
    }
  }

  #moved(): void {
    this.#place = readPlace(location.hash)
  }
}

export function readPlace(hash: string): Place {
  const text = hash.replace(/^#/, '')
  if (text !== '' && !text.startsWith('/')) {
    return { parts: [], query: new URLSearchParams(), handed: decode(text) }
  }
  const [path = '', search = ''] = text.split('?')
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  return { parts, query: new URLSearchParams(search) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
