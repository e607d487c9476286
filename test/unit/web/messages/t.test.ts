// The catalogue of texts.

import { expect, it } from 'vitest'
import { CANCEL_REASONS } from '../../../../protocol/channel-messages.ts'
import { en } from '../../../../web/messages/en.ts'
import { t, textOf } from '../../../../web/messages/t.ts'

it('puts variables into their places, numbers in the way of the locale', () => {
  expect(t('friend.limitSet', { name: 'Carol', limit: '200' })).toBe('Limit for Carol is now 200')
  expect(t('servers.latency', { ms: 24 })).toBe('24 ms')
})

it('picks the plural by the count', () => {
  expect(t('route.people', { count: 1 })).toBe('1 person')
  expect(t('route.people', { count: 2 })).toBe('2 people')
  expect(t('unit.credit', { count: 1n })).toBe('credit')
})

it('has no text for a code that it does not know, nor for names of its own prototype', () => {
  expect(textOf('fault.', 'noSuchCode')).toBeUndefined()
  expect(textOf('', 'toString')).toBeUndefined()
})

it('has a short reason for every way in which a payment can come back', () => {
  expect(CANCEL_REASONS.filter((reason) => textOf('reason.', reason) === undefined)).toEqual([])
})

it('has no empty text', () => {
  const texts = Object.values(en).flatMap((message) =>
    typeof message === 'string' ? [message] : Object.values(message),
  )
  expect(texts.filter((text) => text.trim() === '')).toEqual([])
})
