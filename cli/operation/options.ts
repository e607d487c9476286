// The options that every program which serves strangers takes: how it is watched, and who stands before it.

export const operationOptions = {
  'tls-cert': { type: 'string', value: 'FILE', about: 'a certificate (PEM), for wss:// by itself' },
  'tls-key': { type: 'string', value: 'FILE', about: 'its key (PEM); changes of both are noticed' },
  'trust-proxy': { type: 'boolean', about: 'believes what a proxy says of clients' },
  admin: { type: 'string', value: 'HOST:PORT', about: 'serves /healthz and /metrics, to you alone' },
  log: {
    type: 'string',
    value: 'FORMAT',
    words: ['json', 'text', 'off'],
    about: 'json, text or off: events on stderr',
  },
  'log-addresses': { type: 'boolean', about: 'names addresses of clients in the log' },
} as const

export interface OperationOptions {
  /** PEM files; both or none. */
  readonly tlsCert?: string | undefined
  readonly tlsKey?: string | undefined
  /** Whether `X-Forwarded-…` of whoever connects is believed. */
  readonly trustProxy: boolean
  /** `host:port`. */
  readonly admin?: string | undefined
  /** `json`, `text` or `off`; missing: only what needs attention, as sentences. */
  readonly log?: string | undefined
  readonly logAddresses: boolean
}

/** What a program has that nobody told anything. */
export const NO_OPERATION: OperationOptions = { trustProxy: false, logAddresses: false }

export function operationOf(values: {
  readonly 'tls-cert': string | undefined
  readonly 'tls-key': string | undefined
  readonly 'trust-proxy': boolean
  readonly admin: string | undefined
  readonly log: string | undefined
  readonly 'log-addresses': boolean
}): OperationOptions {
  return {
    tlsCert: values['tls-cert'],
    tlsKey: values['tls-key'],
    trustProxy: values['trust-proxy'],
    admin: values.admin,
    log: values.log,
    logAddresses: values['log-addresses'],
  }
}
