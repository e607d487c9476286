// Which failed payments may be tried again.

import { expect, test } from 'vitest'
import { isFinal } from '../../../../web/state/faults.ts'

test('only what is settled about an invoice for good keeps it from being tried again', () => {
  for (const code of ['invoicePaid', 'invoiceCancelled', 'invoiceExpired'])
    expect(isFinal({ code })).toBe(true)
  for (const code of ['noRoute', 'friendOffline', 'cancelledByBuyer', 'invoiceUnknown']) {
    expect(isFinal({ code })).toBe(false)
  }
  expect(isFinal({})).toBe(false)
})
