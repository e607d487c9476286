// Every message of the app API as JSON: apps, pages and nodes of other builds say and expect exactly this.

import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { APP_PROLOGUE } from '../../protocol/app-link.ts'
import { Collections, methods, type CollectionName, type MethodName } from '../../worker/api.ts'
import { CALLS } from './golden/app-calls.ts'
import { ENVELOPES } from './golden/app-messages.ts'
import { VIEWS } from './golden/app-views.ts'
import { goldenEntries, newestVersion } from './golden/files.ts'
import { schemaGaps } from './golden/schema-gaps.ts'

const VERSION = Number(/\d+$/.exec(new TextDecoder().decode(APP_PROLOGUE))?.[0])

interface Samples {
  readonly schema: v.GenericSchema
  readonly samples: readonly unknown[]
}

const METHODS = Object.keys(CALLS) as MethodName[]
const GROUPS: Readonly<Record<string, Readonly<Record<string, Samples>>>> = {
  params: byName(METHODS, (name) => ({ schema: methods[name].params, samples: CALLS[name].params })),
  results: byName(METHODS, (name) => ({ schema: methods[name].result, samples: CALLS[name].results })),
  views: byName(Object.keys(VIEWS) as CollectionName[], (name) => ({
    schema: Collections[name],
    samples: VIEWS[name],
  })),
  messages: ENVELOPES,
}

it('has golden messages of the version that apps speak', () => {
  expect(newestVersion('app')).toBe(VERSION)
})

describe.each(Object.entries(GROUPS))('golden %s', (group, all) => {
  const fresh = Object.fromEntries(
    Object.entries(all).flatMap(([name, { samples }]) =>
      samples.map((sample, index) => [`${name}, ${index}`, sample]),
    ),
  )
  const golden = goldenEntries(`app-v${VERSION}/${group}.json`, fresh)

  it('are complete, and what this version says', () => {
    expect(JSON.parse(JSON.stringify(fresh))).toEqual(golden)
  })

  it.each(Object.entries(all))(
    'APP-1 %s: every field, kind and word is understood',
    (name, { schema, samples }) => {
      expect(schemaGaps(name, schema, samples)).toEqual([])
      samples.forEach((_, index) => {
        const said = golden[`${name}, ${index}`]
        expect(v.parse(schema, said)).toEqual(said)
      })
    },
  )
})

function byName<Name extends string>(
  names: readonly Name[],
  of: (name: Name) => Samples,
): Record<string, Samples> {
  return Object.fromEntries(names.map((name) => [name, of(name)]))
}
