// Words about cards that are kept on another device, and about opening a card of this browser elsewhere.

export const remote = {
  'remote.title': 'A card of another device',
  'remote.open': 'Use a card of another device',
  'remote.openHelp': 'By the code that the other device shows',
  'remote.help': 'Scan or paste the code that the device with the card shows. It begins with offstremote1.',
  'remote.code': 'Code of the card',
  'remote.notRemote': 'This is not the code of a card on another device. It begins with offstremote1.',
  'remote.known': 'You have this card here already: {name}.',
  'remote.unnamed': 'Card {key}',
  'remote.lead':
    'You can see and use this card here. It stays on its device, which must be on line, and whose owner can end this at any time.',
  'remote.where': 'Where it is',
  'remote.add': 'Use it here',
  'remote.trying': 'Reaching the card…',
  'remote.addAnyway': 'Add it anyway',
  'remote.anywayHelp': 'It opens as soon as its device is reached.',
  'remote.added': '{name} is added',
  'remote.tag': 'on another device',
  'remote.waiting': 'Reaching the card…',
  'remote.waitingHelp': 'It is on another device. Its friends and balances show as soon as that one answers.',
  'remote.notShown': 'Nothing to show yet',
  'remote.notShownHelp':
    'What this card shows is on its own device, which was not reached since you opened the wallet.',
  'remote.reaching': 'The device with this card is not reached',
  'remote.elsewhere': 'This card is in use elsewhere',
  'remote.stopped': 'This card cannot be used here now',
  'remote.asOf': 'Last heard of it: {time}.',
  'remote.noApps': 'Which programs may use this card is decided on the device that keeps it.',
  'remote.remove': 'Remove from this browser',
  'remote.removeHelp':
    'Only this browser forgets the card. It stays as it is on its own device. To use it here again you need its code.',

  'invite.title': 'Use on another device',
  'invite.help': 'Show a code that opens this card elsewhere',
  'invite.lead':
    'The other device sees and uses this card as you do here. The card stays in this browser, which must be open.',
  'invite.name': 'Name of the device',
  'invite.namePlaceholder': 'My phone',
  'invite.limit': 'Limit what it pays',
  'invite.limitHelp': 'Fees included. Without a limit it may spend all that you can.',
  'invite.make': 'Make the code',
  'invite.secret':
    'Whoever has this code can pay with this card, until you remove “{name}” under Apps. Show it to nobody else.',
  'invite.once': 'It is shown only now. Open Offst on the other device, and scan it there.',
  'invite.code': 'Code for the other device',
  'invite.done': 'Done',
} as const
