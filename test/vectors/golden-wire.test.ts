// Every message of the wire as this version writes it: byte for byte what it wrote when the golden files were made.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { concatBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { SIZE_CLASSES } from '../../protocol/frames.ts'
import { LINK_VERSION } from '../../protocol/link-identity.ts'
import * as channel from './golden/channel-samples.ts'
import type { CodecSamples } from './golden/codec-samples.ts'
import { DOMAINS, PROLOGUES } from './golden/domain-samples.ts'
import { goldenEntries, newestVersion } from './golden/files.ts'
import { ANSWER, QUESTION, sessionEvents, sessionFrames, versionAnswer } from './golden/link-samples.ts'
import { alice, bob, bytesOf } from './golden/samples.ts'
import * as servers from './golden/server-samples.ts'

const FOLDER = `wire-v${LINK_VERSION}`
const CODECS: Readonly<Record<string, CodecSamples>> = { ...channel, ...servers }

it('has golden messages of the version that this program speaks', () => {
  expect(newestVersion('wire')).toBe(LINK_VERSION)
})

describe.each(Object.entries(CODECS))('golden %s', (name, codec) => {
  const fresh = Object.fromEntries(codec.names.map((sample) => [sample, codec.encode(sample)]))
  const golden = goldenEntries(`${FOLDER}/${name}.json`, fresh)

  it('are complete: every field, kind and reason', () => {
    expect(Object.keys(golden).sort()).toEqual([...codec.names].sort())
    expect(codec.gaps(name)).toEqual([])
  })

  it.each(Object.keys(golden))('%s', (sample) => {
    expect(codec.decode(golden[sample]!)).toEqual(codec.valueOf(sample))
    expect(codec.encode(sample)).toEqual(golden[sample])
  })
})

it('NOI-5 pads the frames of links to golden sizes', () => {
  const sizes = [256, 320, 512, 576, 1_024, 1_088, 4_096, 4_160, 16_384, 16_448, 59_984, 65_519]
  expect(SIZE_CLASSES).toEqual(sizes)
})

describe('golden signatures and hashes', () => {
  const golden = goldenEntries(`${FOLDER}/domains.json`, DOMAINS)

  it('are those of every domain tag in the sources', () => {
    expect(Object.keys(golden).sort()).toEqual(Object.keys(DOMAINS).sort())
    const tagsOf = (text: string) => text.match(/\boffst\/[a-z]+\/v\d+/g) ?? []
    const shown = new Set(Object.keys(golden).flatMap(tagsOf))
    const used = new Set(sources().flatMap(tagsOf))
    expect(used.size).toBeGreaterThan(0)
    expect([...used].filter((tag) => !shown.has(tag))).toEqual([])
  })

  it.each(Object.keys(golden))('%s', (name) => {
    expect(DOMAINS[name]).toEqual(golden[name])
  })
})

describe('golden sessions', () => {
  const fresh = Object.fromEntries(
    Object.entries(PROLOGUES).map(([name, prologue]) => [name, sessionFrames(prologue)]),
  )
  const golden = goldenEntries(`${FOLDER}/sessions.json`, fresh)

  it('are those of every kind of link', () => {
    expect(Object.keys(golden).sort()).toEqual(Object.keys(PROLOGUES).sort())
  })

  it.each(Object.keys(golden))('NOI-2 NOI-3 %s', (name) => {
    expect(fresh[name]).toEqual(golden[name])
    const [prologue, frames] = [PROLOGUES[name]!, golden[name]!]
    expect(sessionEvents(prologue, frames)).toMatchObject([
      { kind: 'open', peer: bob },
      { kind: 'open', peer: alice },
      { kind: 'message', message: QUESTION },
      { kind: 'message', message: ANSWER },
      { kind: 'closed', fault: { code: 'closedByPeer' } },
    ])
  })

  it('NOI-2 are not opened by another version, which is told ours', () => {
    const hello = concatBytes(bytesOf('ephemeral key of nobody', 32), Uint8Array.of(0, LINK_VERSION + 1))
    expect(versionAnswer(hello)).toEqual([Uint8Array.of(0, LINK_VERSION)])
  })
})

/** The texts of all that signs, hashes or opens links. */
function sources(): string[] {
  return ['protocol', 'worker', 'relay-server', 'index-server', 'cli'].flatMap((name) => {
    const folder = join(import.meta.dirname, '../..', name)
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return paths
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(folder, path), 'utf8'))
  })
}
