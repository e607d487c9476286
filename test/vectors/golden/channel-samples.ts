// Golden samples of what friends say to each other and sign: every message, every operation, every reason.

import * as messages from '../../../protocol/channel-messages.ts'
import type { Claim, Request, Terms } from '../../../protocol/channel-messages.ts'
import { appPacket } from '../../../protocol/app-packets.ts'
import { friendPacket } from '../../../protocol/friend-packets.ts'
import { BALANCE_MIN } from '../../../protocol/wire.ts'
import {
  alice,
  AMOUNT_MAX,
  BALANCE_MAX,
  bob,
  bytesOf,
  carol,
  COUNTER_MAX,
  credit,
  hashOf,
  invoiceId,
  longCurrency,
  requestIdOf,
  signature,
  TIME,
  U32_MAX,
} from './samples.ts'
import { samplesOf } from './codec-samples.ts'
import { wordsOf, type Shape } from './shape.ts'

const requestShape: Shape<Request> = {
  requestId: 'value',
  route: { each: 'value' },
  currency: 'value',
  destPayment: 'value',
  totalDestPayment: 'value',
  invoiceId: 'value',
  leftFees: 'value',
  receiptKey: 'value',
  expires: 'value',
}
const termsShape: Shape<Terms> = {
  currency: 'value',
  remoteMaxDebt: 'value',
  open: 'value',
  rate: { mul: 'value', add: 'value' },
}
const claimShape: Shape<Claim> = { currency: 'value', balance: 'value' }
const signedShape = { body: 'value', signature: 'value' } as const

const request: Request = {
  requestId: requestIdOf('request'),
  route: [bob, carol],
  currency: credit,
  destPayment: 40n,
  totalDestPayment: 60n,
  invoiceId,
  leftFees: 2n,
  receiptKey: carol,
  expires: TIME + 300_000,
}
const signed = { body: bytesOf('body', 40), signature }
const head = {
  epoch: 3,
  seq: 17,
  prevHash: hashOf('batch 16'),
  ackSeq: 9,
  ackHash: hashOf('other batch 9'),
}

export const batches = samplesOf({
  coder: messages.batch,
  shape: {
    epoch: 'value',
    seq: 'value',
    prevHash: 'value',
    ackSeq: 'value',
    ackHash: 'value',
    operations: {
      each: {
        kinds: {
          request: { request: requestShape },
          response: { requestId: 'value', signature: 'value' },
          cancel: { requestId: 'value', reason: wordsOf(messages.CANCEL_REASONS), reporter: 'value' },
          askCancel: { requestId: 'value' },
          terms: { terms: termsShape },
          relays: { relays: { each: { publicKey: 'value', address: 'value' } } },
          addCurrency: { currency: 'value' },
          removeCurrency: { currency: 'value' },
        },
      },
    },
  },
  samples: {
    empty: { ...head, operations: [] },
    last: {
      epoch: U32_MAX,
      seq: COUNTER_MAX,
      prevHash: head.prevHash,
      ackSeq: COUNTER_MAX,
      ackHash: head.ackHash,
      operations: [],
    },
    request: { ...head, operations: [{ kind: 'request', request }] },
    'request to its receiver': {
      ...head,
      operations: [{ kind: 'request', request: { ...request, route: [], leftFees: 0n, receiptKey: bob } }],
    },
    'request of all that there can be': {
      ...head,
      operations: [
        {
          kind: 'request',
          request: {
            ...request,
            route: Array.from({ length: 31 }, () => alice),
            currency: longCurrency,
            destPayment: AMOUNT_MAX,
            totalDestPayment: AMOUNT_MAX,
            leftFees: AMOUNT_MAX,
            expires: COUNTER_MAX,
          },
        },
      ],
    },
    response: { ...head, operations: [{ kind: 'response', requestId: request.requestId, signature }] },
    ...Object.fromEntries(
      messages.CANCEL_REASONS.map((reason) => [
        `cancel, ${reason}`,
        {
          ...head,
          operations: [{ kind: 'cancel', requestId: request.requestId, reason, reporter: carol } as const],
        },
      ]),
    ),
    askCancel: { ...head, operations: [{ kind: 'askCancel', requestId: request.requestId }] },
    announcements: {
      ...head,
      operations: [
        { kind: 'removeCurrency', currency: longCurrency },
        { kind: 'addCurrency', currency: credit },
        {
          kind: 'terms',
          terms: { currency: credit, remoteMaxDebt: 0n, open: false, rate: { mul: 0, add: 1 } },
        },
        {
          kind: 'terms',
          terms: {
            currency: credit,
            remoteMaxDebt: BALANCE_MAX,
            open: true,
            rate: { mul: U32_MAX, add: U32_MAX },
          },
        },
        { kind: 'relays', relays: [] },
        {
          kind: 'relays',
          relays: [
            { publicKey: alice, address: '127.0.0.1:8000' },
            { publicKey: bob, address: 'wss://relay.example.org/relay' },
          ],
        },
      ],
    },
  },
})

export const notes = samplesOf({
  coder: messages.note,
  shape: {
    epoch: 'value',
    signerSeq: 'value',
    signerHash: 'value',
    receiverSeq: 'value',
    receiverHash: 'value',
    statements: {
      each: { currency: 'value', balance: 'value', localPending: 'value', remotePending: 'value' },
    },
    time: 'value',
  },
  samples: {
    'nothing owed': {
      epoch: 0,
      signerSeq: 0,
      signerHash: hashOf('start'),
      receiverSeq: 0,
      receiverHash: hashOf('start'),
      statements: [],
      time: TIME,
    },
    'owed both ways': {
      epoch: 3,
      signerSeq: 17,
      signerHash: hashOf('batch 17'),
      receiverSeq: 9,
      receiverHash: hashOf('other batch 9'),
      statements: [
        { currency: longCurrency, balance: BALANCE_MIN, localPending: AMOUNT_MAX, remotePending: 0n },
        { currency: credit, balance: -1n, localPending: 0n, remotePending: 5n },
      ],
      time: TIME,
    },
  },
})

export const resets = samplesOf({
  coder: messages.reset,
  shape: { epoch: 'value', claims: { each: claimShape }, accepts: { optional: 'value' } },
  samples: {
    'claims nothing': { epoch: 1, claims: [], accepts: undefined },
    'claims and accepts': {
      epoch: 4,
      claims: [
        { currency: longCurrency, balance: BALANCE_MAX },
        { currency: credit, balance: -12n },
      ],
      accepts: hashOf('claims'),
    },
  },
})

export const epochStarts = samplesOf({
  coder: messages.epochStart,
  shape: { epoch: 'value', claims: { each: claimShape } },
  samples: {
    'with nothing': { epoch: 0, claims: [] },
    'with debts': { epoch: 4, claims: [{ currency: credit, balance: -12n }] },
  },
})

export const friendMessages = samplesOf({
  coder: messages.friendMessage,
  shape: {
    kinds: {
      resume: {
        epoch: 'value',
        startHash: 'value',
        lastSent: 'value',
        received: 'value',
        receivedHash: 'value',
      },
      batch: signedShape,
      ack: { epoch: 'value', seq: 'value', hash: 'value' },
      note: signedShape,
      reset: signedShape,
      staleBatch: signedShape,
      staleNote: signedShape,
    },
  },
  samples: {
    resume: {
      kind: 'resume',
      epoch: 3,
      startHash: hashOf('start'),
      lastSent: 17,
      received: 9,
      receivedHash: hashOf('other batch 9'),
    },
    batch: { kind: 'batch', ...signed },
    ack: { kind: 'ack', epoch: 3, seq: 9, hash: hashOf('other batch 9') },
    note: { kind: 'note', ...signed },
    reset: { kind: 'reset', ...signed },
    staleBatch: { kind: 'staleBatch', ...signed },
    staleNote: { kind: 'staleNote', ...signed },
  },
})

export const friendPackets = samplesOf({
  coder: friendPacket,
  shape: {
    kinds: {
      dialled: { session: 'value', frame: 'value' },
      answered: { session: 'value', frame: 'value' },
      unknown: { session: 'value' },
    },
  },
  samples: {
    dialled: { kind: 'dialled', session: 'AAECAwQFBgc', frame: bytesOf('frame', 48) },
    answered: { kind: 'answered', session: 'AAECAwQFBgc', frame: bytesOf('frame', 48) },
    unknown: { kind: 'unknown', session: 'AAECAwQFBgc' },
  },
})

export const appPackets = samplesOf({
  coder: appPacket,
  shape: {
    kinds: {
      toNode: { line: 'value', frame: 'value' },
      toApp: { line: 'value', frame: 'value' },
      ended: { line: 'value' },
    },
  },
  samples: {
    toNode: { kind: 'toNode', line: 'AAECAwQFBgc', frame: bytesOf('frame', 48) },
    toApp: { kind: 'toApp', line: 'AAECAwQFBgc', frame: bytesOf('frame', 48) },
    ended: { kind: 'ended', line: 'AAECAwQFBgc' },
  },
})
