// The tables of docs/APPS.md name every method, collection and limit as the code has it.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, OPEN_INVOICES_MAX } from '../../../protocol/limits.ts'
import { Collections, methods } from '../../../worker/api.ts'
import {
  APP_CALL_BYTES_MAX,
  APP_CALLS_MAX,
  APP_HANDSHAKES_MAX,
  APP_LINKS_MAX,
  APP_QUEUE_BYTES_MAX,
  APP_WAITING_BYTES_MAX,
  CHANGES_AHEAD_MAX,
  EVENT_CHANGES_MAX,
} from '../../../worker/shell/limits.ts'

const document = readFileSync(new URL('../../../docs/APPS.md', import.meta.url), 'utf8')

/** The text of a section, up to the next heading. */
function section(heading: string): string {
  return document.split(`\n### ${heading}\n`)[1]?.split('\n#')[0] ?? ''
}

/** The cells of the tables of a section, without their heads. */
function rows(heading: string): string[][] {
  return section(heading)
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

it('names each method with its permission', () => {
  const documented = rows('Methods').map(([name = '', needs = '']) => [name.replaceAll('`', ''), needs])
  const ofCards = Object.entries(methods).filter(([, { needs }]) => needs !== 'host' && needs !== 'owner')
  expect(Object.fromEntries(documented)).toEqual(
    Object.fromEntries(ofCards.map(([name, { needs }]) => [name, needs])),
  )
  const others = Object.keys(methods).filter((name) => !section('Methods').includes(`\`${name}\``))
  expect(others).toEqual([])
})

it('names the parameters of each method', () => {
  const missing = rows('Methods').flatMap(([name = '', , params = '']) => {
    const schema = Object.entries(methods).find(([method]) => name === `\`${method}\``)?.[1].params
    const names = schema !== undefined && 'entries' in schema ? Object.keys(schema.entries) : []
    return names.filter((each) => !new RegExp(`\\b${each}\\b`).test(params)).map((each) => `${name} ${each}`)
  })
  expect(missing).toEqual([])
})

describe.each(Object.entries(Collections))('the collection %s', (name, { entries }) => {
  it('is there with all its fields', () => {
    const row = rows('Collections').find(([collections = '']) => collections.includes(`\`${name}\``))
    const fields = Object.entries(entries).map(
      ([field, { type }]) => `${field}${type === 'optional' ? '?' : ''}`,
    )
    expect(fields.filter((field) => row?.[2]?.includes(`\`${field}\``) !== true)).toEqual([])
  })
})

it('says what the limits are', () => {
  const numbers = [
    APP_CALL_BYTES_MAX,
    MESSAGE_BYTES_MAX,
    FRAME_BYTES_MAX,
    APP_WAITING_BYTES_MAX,
    APP_CALLS_MAX,
    CHANGES_AHEAD_MAX,
    EVENT_CHANGES_MAX,
    APP_LINKS_MAX,
    APP_HANDSHAKES_MAX,
    OPEN_INVOICES_MAX,
  ].map((number) => number.toLocaleString('en'))
  const words: readonly string[] = section('Limits').match(/[\d,]*\d/g) ?? []
  expect(numbers.filter((number) => !words.includes(number))).toEqual([])
  expect(section('Limits')).toContain(`${APP_QUEUE_BYTES_MAX / 2 ** 20} MiB`)
})
