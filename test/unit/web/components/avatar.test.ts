// Pictures of cards.

import { expect, it } from 'vitest'
import { avatarOf } from '../../../../web/components/avatar.ts'

it('draws the same picture for the same key, with at least one dark tile', () => {
  const picture = avatarOf('Zm9vYmFy')
  expect(avatarOf('Zm9vYmFy')).toEqual(picture)
  expect(picture.tiles).toHaveLength(4)
})

it('draws different pictures for keys that differ in one character', () => {
  const pictures = Array.from({ length: 64 }, (_, index) => JSON.stringify(avatarOf(`key-${index}`)))
  expect(new Set(pictures).size).toBeGreaterThan(60)
})
