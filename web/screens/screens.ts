// Which screen belongs to a place. Home is in the first script; the others come when they are needed, or in a quiet
// moment, so that they are there off line.

import type { Component } from 'svelte'
import type { Place } from '../state/router.svelte.ts'
import Home from './Home.svelte'

type Load = () => Promise<{ default: Component }>

export interface ScreenChoice {
  /** Changes when the screen has to start anew. */
  readonly key: string
  readonly load: Load
  /** Which way through the wallet is lit. */
  readonly place: string
  /** Uses the whole width of a desktop. */
  readonly wide: boolean
  /** One task with its own way out: no tab bar. */
  readonly focused: boolean
  /** Also there before there is any card. */
  readonly early: boolean
}

interface Entry {
  /** Parts of the path; `*` is any. */
  readonly path: readonly string[]
  readonly load: Load
  readonly place?: string
  readonly wide?: boolean
  readonly focused?: boolean
  readonly early?: boolean
}

const friends: Load = () => import('./Friends.svelte')

const ENTRIES: readonly Entry[] = [
  { path: [], load: () => Promise.resolve({ default: Home }), wide: true },
  { path: ['friends'], load: friends, wide: true },
  { path: ['friends', 'add'], load: () => import('./AddFriend.svelte'), focused: true },
  { path: ['friends', 'new'], load: () => import('./NewFriend.svelte'), focused: true },
  { path: ['friends', '*'], load: friends, wide: true, focused: true },
  { path: ['friends', '*', 'details'], load: () => import('./FriendDetails.svelte'), focused: true },
  { path: ['pay'], load: () => import('./ScanPay.svelte') },
  { path: ['pay', 'to', '*'], load: () => import('./PayTo.svelte'), focused: true },
  { path: ['pay', 'review'], load: () => import('./PayReview.svelte'), focused: true },
  { path: ['payments', '*'], load: () => import('./PaymentStatus.svelte'), place: 'pay', focused: true },
  { path: ['receive'], load: () => import('./Receive.svelte'), place: '', focused: true },
  { path: ['invoices', '*'], load: () => import('./InvoiceWait.svelte'), place: '', focused: true },
  { path: ['activity'], load: () => import('./Activity.svelte') },
  { path: ['activity', '*'], load: () => import('./ActivityDetail.svelte'), focused: true },
  { path: ['verify'], load: () => import('./VerifyReceipt.svelte'), place: 'activity', focused: true },
  { path: ['more'], load: () => import('./More.svelte') },
  { path: ['servers', 'add'], load: () => import('./AddServer.svelte'), place: 'more', focused: true },
  { path: ['servers', '*'], load: () => import('./Server.svelte'), place: 'more', focused: true },
  { path: ['apps', 'add'], load: () => import('./AddApp.svelte'), place: 'more', focused: true },
  { path: ['apps', '*'], load: () => import('./App.svelte'), place: 'more', focused: true },
  { path: ['cards', 'new'], load: () => import('./NewCard.svelte'), place: '', focused: true },
  {
    path: ['cards', 'remote'],
    load: () => import('./AddRemote.svelte'),
    place: '',
    focused: true,
    early: true,
  },
  { path: ['cards', 'invite'], load: () => import('./Invite.svelte'), place: 'more', focused: true },
]

const handed: Entry = { path: [], load: () => import('./Handed.svelte'), place: 'pay', focused: true }
const missing: Entry = { path: [], load: () => import('./Missing.svelte') }

export function screenFor(place: Place): ScreenChoice {
  const entry =
    place.handed !== undefined ? handed : (ENTRIES.find(({ path }) => fits(path, place.parts)) ?? missing)
  return {
    key: [...place.parts, place.handed ?? '', place.query.get('ticket') ?? ''].join('/'),
    load: entry.load,
    place: entry.place ?? place.parts[0] ?? '',
    wide: entry.wide ?? false,
    focused: entry.focused ?? false,
    early: entry.early ?? false,
  }
}

/** Loads every other screen when the browser has nothing better to do. */
export function loadRest(): void {
  // Safari has no idle callback.
  const later = 'requestIdleCallback' in globalThis ? requestIdleCallback : setTimeout
  later(() => {
    // Off line they come when the network is back.
    for (const { load } of [...ENTRIES, handed, missing]) void load().catch(() => undefined)
  })
}

function fits(path: readonly string[], parts: readonly string[]): boolean {
  return path.length === parts.length && path.every((part, index) => part === '*' || part === parts[index])
}
