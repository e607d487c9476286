// `new SharedWorker` and `new Worker` for pages that require Trusted Types. They are named like the platform's
// because the build recognises workers by just these words around a `new URL(…, import.meta.url)`.

/** The part of Trusted Types that is used here; missing in browsers without them. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string }
}

const policy = (globalThis as { readonly trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(
  'offst-worker',
  { createScriptURL: checkOrigin },
)

export class SharedWorker {
  readonly port: MessagePort
  constructor(script: URL, options: WorkerOptions) {
    this.port = new globalThis.SharedWorker(trusted(script), options).port
  }
}

export class Worker {
  readonly #worker: globalThis.Worker
  constructor(script: URL, options: WorkerOptions) {
    this.#worker = new globalThis.Worker(trusted(script), options)
  }
  set onerror(listener: () => void) {
    this.#worker.onerror = listener
  }
}

function trusted(script: URL): string {
  return policy === undefined ? checkOrigin(script.href) : policy.createScriptURL(script.href)
}

function checkOrigin(url: string): string {
  if (new URL(url).origin === location.origin) return url
  throw new TypeError('A worker starts only from the origin of its page.')
}
