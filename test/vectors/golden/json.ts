// Golden values as JSON, which knows neither bigints nor bytes.

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

export function toJson(value: unknown): string {
  return JSON.stringify(value, replace, 1)
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, revive)
}

const BIGINT = '$bigint:'
const BYTES = '$bytes:'

function replace(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${BIGINT}${value}`
  if (value instanceof Uint8Array) return `${BYTES}${bytesToHex(value)}`
  if (typeof value === 'string' && /^\$(bigint|bytes):/.test(value))
    throw new Error(`a text like a tag: ${value}`)
  return value
}

function revive(_: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value.startsWith(BIGINT)) return BigInt(value.slice(BIGINT.length))
  return value.startsWith(BYTES) ? hexToBytes(value.slice(BYTES.length)) : value
}
