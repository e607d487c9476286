// The deterministic folders: what they do depends on their input alone, so a run replays exactly.

import ts from 'typescript'
import { expect, it } from 'vitest'
import { complaints, shipped } from './sources.ts'

/** Of the servers all but the adapter to sockets and the main. */
const PURE = /^(protocol\/|worker\/core\/|(relay|index)-server\/(?!server\.ts|main\.ts))/

/** Clocks, randomness, timers, I/O and whatever runs later. */
const IMPURE_NAMES = new Set([
  'Date',
  'Promise',
  'WebSocket',
  'clearInterval',
  'clearTimeout',
  'console',
  'fetch',
  'getRandomValues',
  'globalThis',
  'indexedDB',
  'localStorage',
  'performance',
  'queueMicrotask',
  'randomBytes',
  'randomSecretKey',
  'randomUUID',
  'setInterval',
  'setTimeout',
])

const pure = shipped.filter((source) => PURE.test(source.path))

it('has no clock, randomness, timer or I/O in the deterministic folders', () => {
  const found = complaints(pure, (node) => {
    if (ts.isIdentifier(node) && IMPURE_NAMES.has(node.text)) {
      // A type says what a shell does; only values do it here.
      return ts.isTypeReferenceNode(node.parent) ? undefined : node.text
    }
    if (!ts.isPropertyAccessExpression(node)) return undefined
    return /^(Math\.random|process\..*)$/.test(node.getText()) ? node.getText() : undefined
  })
  expect(found).toEqual([])
})

it('has nothing asynchronous in the deterministic folders', () => {
  const found = complaints(pure, (node) => {
    if (node.kind === ts.SyntaxKind.AsyncKeyword) return 'async'
    return ts.isAwaitExpression(node) ? 'await' : undefined
  })
  expect(found).toEqual([])
})

it('finds the deterministic folders', () => {
  expect(pure.some((source) => source.path.startsWith('protocol/'))).toBe(true)
  expect(pure.some((source) => source.path.startsWith('worker/core/'))).toBe(true)
})
