// The worked example of docs/APPS.md is what the implementation does, byte for byte.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { workedExample } from './apps-example.ts'

const document = readFileSync(new URL('../../docs/APPS.md', import.meta.url), 'utf8')

it('CLI-10 shows in docs/APPS.md what the two sides say, byte for byte', () => {
  // A block of the document names its part behind the kind of its content: ```hex message 1
  const shown = [...document.matchAll(/^```(hex|text) ([^\n]+)\n(.*?)^```$/gms)].map(
    ([, kind, name = '', content = '']) =>
      [name, kind === 'hex' ? content.replace(/\s/g, '') : content.trim()] as const,
  )
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(workedExample()))
})
