// Why things did not work. The node's own sentences name people and numbers, so they are shown as they are; here
// are sentences for what the node does not word, short reasons for lists, and what could help.

export const faults = {
  'fault.ownInvoice': 'This is an invoice of this card. Switch to another card to pay it.',
  'fault.storageFull': 'There is no room left on this device. Free some space, then try again.',
  'fault.lost': 'The wallet was restarted in between. Try again.',

  'reason.overLimit': 'no room on the way',
  'reason.requestsClosed': 'somebody is closed',
  'reason.unknownCurrency': 'currency not known on the way',
  'reason.friendOffline': 'somebody is off line',
  'reason.unknownFriend': 'the way has changed',
  'reason.unknownDestination': 'the receiver is not on line',
  'reason.feeTooLow': 'fees have changed',
  'reason.feesTooHigh': 'fees above your maximum',
  'reason.tooManyPending': 'too many payments under way',
  'reason.duplicateRequest': 'the way was not usable',
  'reason.expired': 'took too long',
  'reason.timedOut': 'took too long',
  'reason.invoiceUnknown': 'the seller does not know the invoice',
  'reason.invoiceMismatch': 'the seller expects another amount',
  'reason.invoicePaid': 'paid already',
  'reason.invoiceCancelled': 'cancelled by the seller',
  'reason.invoiceExpired': 'the invoice has expired',
  'reason.incomplete': 'did not arrive in time',
  'reason.cancelledByBuyer': 'you cancelled it',
  'reason.cancelled': 'you cancelled it',
  'reason.friendRemoved': 'the way has changed',
  'reason.channelReset': 'the way was interrupted',
  'reason.unavailable': 'the way was interrupted',
  'reason.noRoute': 'no way found',
  'reason.noFriends': 'no friends yet',
  'reason.noIndexServer': 'no index server',

  'help.noRoute': 'If you and the seller have a friend in common, more trust on either side opens a way.',
  'help.noIndexServer': 'Add an index server under More, or wait until yours answers again.',
  'help.requestsClosed': 'They open it with the switch “Payments through you” on your page in their wallet.',
} as const
