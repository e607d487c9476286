// The arrows of the architecture: who may import whom, and which packages.

import { expect, it } from 'vitest'
import { importsOf, shipped } from './sources.ts'

interface Arrow {
  readonly from: string
  /** Files and folders of ours, and packages, that it may import. */
  readonly to: readonly string[]
}

/** The first arrow whose `from` begins a file's path is the one that counts. */
const ARROWS: readonly Arrow[] = [
  {
    from: 'protocol/',
    to: [
      'protocol/',
      '@noble/ciphers',
      '@noble/curves',
      '@noble/hashes',
      '@scure/base',
      'micro-packed',
      'smol-toml',
    ],
  },
  { from: 'worker/api', to: ['protocol/', 'worker/api-values.ts', 'worker/api-views.ts', 'valibot'] },
  {
    from: 'worker/core/',
    to: ['protocol/', 'worker/core/', 'worker/api.ts', '@noble/hashes', 'micro-packed'],
  },
  {
    // A remote card is an app of another node.
    from: 'worker/shell/remote-',
    to: ['protocol/', 'worker/', 'client/client.ts', 'client/views.ts', 'valibot'],
  },
  {
    from: 'worker/',
    to: [
      'protocol/',
      'worker/',
      '@noble/',
      '@scure/base',
      'classic-level',
      'dexie',
      'valibot',
      'ws',
      'node:',
    ],
  },
  {
    from: 'web/',
    to: ['web/', 'client/calls.ts', 'client/views.ts', 'worker/api.ts', 'svelte', 'qr', 'valibot'],
  },
  { from: 'relay-server/', to: ['protocol/', 'relay-server/', 'ws', 'qr', 'node:'] },
  {
    from: 'index-server/',
    to: ['protocol/', 'worker/runtime/server-link.ts', 'index-server/', 'ws', 'qr', 'node:'],
  },
  {
    from: 'cli/',
    to: [
      'protocol/',
      'worker/',
      'relay-server/',
      'index-server/',
      'client/',
      'cli/',
      'prom-client',
      'valibot',
      'ws',
      'qr',
      'node:',
    ],
  },
  { from: 'client/node.ts', to: ['protocol/', 'client/', 'cli/ws-dialler.ts'] },
  {
    from: 'client/',
    to: [
      'protocol/',
      'worker/api.ts',
      'worker/runtime/backoff.ts',
      'worker/shell/browser-socket.ts',
      'client/',
      'valibot',
    ],
  },
]

it('lets each folder import only what the architecture allows', () => {
  const wrong = shipped.flatMap((source) => {
    const arrow = ARROWS.find(({ from }) => source.path.startsWith(from))
    return importsOf(source)
      .filter(({ asUrl }) => !asUrl)
      .filter(({ to }) => !(arrow?.to ?? []).some((allowed) => reaches(to, allowed)))
      .map(({ to, line }) => `${source.path}:${line} imports ${to}`)
  })
  expect(wrong).toEqual([])
})

it('starts workers only from worker/shell', () => {
  const wrong = shipped.flatMap((source) =>
    importsOf(source)
      .filter(({ to, asUrl }) => asUrl && to.endsWith('.ts') && !to.startsWith('worker/shell/'))
      .map(({ to, line }) => `${source.path}:${line} starts ${to}`),
  )
  expect(wrong).toEqual([])
})

function reaches(to: string, allowed: string): boolean {
  if (allowed.endsWith('/') || allowed.endsWith(':')) return to.startsWith(allowed)
  return to === allowed || to.startsWith(`${allowed}/`)
}
