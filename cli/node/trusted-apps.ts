// The folder of trusted apps: whoever's app ticket lies in it may connect, as long as it lies there.

import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, parse as parsePath } from 'node:path'
import { PERMISSIONS, type AppTicket } from '../../protocol/forms.ts'
import { APPS_MAX } from '../../protocol/limits.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import type { AppGrant } from '../../worker/core/apps.ts'
import type { AppPermissions } from '../../worker/shell/app-links.ts'
import { readForm } from '../files.ts'

/** Characters of a file's name that name an app. */
const NAME_CHARACTERS_MAX = 64
/** Some file systems tell nothing of changes: the folder is also read this often. */
const POLL_MS = 5_000
/** A file that cannot be read is complained about when it had this time to be written. */
const COMPLAIN_AFTER_MS = 500

export interface TrustedAppsOptions {
  readonly folder: string
  readonly clock: Clock
  /** A file that is no app ticket, or a folder that cannot be read; each said once. */
  readonly onComplaint: (sentence: string) => void
}

export class TrustedApps {
  /** The accepted apps are others than before, or may do something else. */
  onChanged: () => void = () => undefined
  readonly #options: TrustedAppsOptions
  #apps: ReadonlyMap<PublicKey, AppGrant> = new Map()
  #complaints = new Set<string>()
  #watcher: FSWatcher | undefined
  #cancelPoll: () => void = () => undefined
  #cancelComplaint: () => void = () => undefined
  /** Reads follow one another, so that an older state never takes the place of a newer one. */
  #reading: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(options: TrustedAppsOptions) {
    this.#options = options
  }

  /** Reads the folder and watches it from now on; fault `unreadableFolder`. */
  static async open(options: TrustedAppsOptions): Promise<Result<TrustedApps>> {
    const trusted = new TrustedApps(options)
    const listed = await list(options.folder)
    if (!listed.ok) return listed
    trusted.#watch()
    await trusted.#read(true)
    trusted.#poll()
    return ok(trusted)
  }

  /** What the tickets said that lay in the folder when it was read last. */
  get grants(): readonly AppGrant[] {
    return [...this.#apps.values()]
  }

  get permissions(): ReadonlyMap<PublicKey, AppPermissions> {
    return new Map([...this.#apps].map(([app, { permissions }]) => [app, new Set(permissions)]))
  }

  /** What an app may do by the tickets that lie in the folder now; undefined for a stranger. Never rejects. */
  async permissionsOf(app: PublicKey): Promise<AppPermissions | undefined> {
    await this.#read(false)
    return this.permissions.get(app)
  }

  close(): void {
    this.#isClosed = true
    this.#watcher?.close()
    this.#cancelPoll()
    this.#cancelComplaint()
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, () => this.#changed())
      // The poll goes on without it.
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      this.#watcher = undefined
    }
  }

  #poll(): void {
    this.#cancelPoll = this.#options.clock.after(POLL_MS, () => {
      void this.#read(true).then(() => {
        if (!this.#isClosed) this.#poll()
      })
    })
  }

  /** What was taken away counts at once; what is unreadable may still be on its way. */
  #changed(): void {
    void this.#read(false)
    this.#cancelComplaint()
    this.#cancelComplaint = this.#options.clock.after(COMPLAIN_AFTER_MS, () => void this.#read(true))
  }

  #read(complains: boolean): Promise<void> {
    const reading = this.#reading.then(async () => {
      const { apps, complaints } = await readTickets(this.#options.folder)
      if (this.#isClosed) return
      this.#apps = apps
      if (complains) this.#complain(complaints)
      this.onChanged()
    })
    this.#reading = reading
    return reading
  }

  #complain(complaints: readonly string[]): void {
    const before = this.#complaints
    this.#complaints = new Set(complaints)
    for (const sentence of complaints) if (!before.has(sentence)) this.#options.onComplaint(sentence)
  }
}

/** Several tickets of one app add up. A folder that is gone trusts nobody. */
async function readTickets(
  folder: string,
): Promise<{ apps: Map<PublicKey, AppGrant>; complaints: string[] }> {
  const apps = new Map<PublicKey, AppGrant>()
  const names = await list(folder)
  if (!names.ok) return { apps, complaints: [names.error.message] }
  const complaints: string[] = []
  for (const name of names.value) {
    const form = await readForm(join(folder, name), 'app')
    if (form.ok) {
      const grant = grantOf(form.value.ticket, name)
      apps.set(grant.publicKey, add(apps.get(grant.publicKey), grant))
    } else if (form.error.code !== 'missingFile') {
      complaints.push(`${form.error.message} It is left out: only app tickets belong into ${folder}.`)
    }
  }
  return { apps, complaints }
}

/** The app is called as its ticket's file is. */
function grantOf({ publicKey, permissions, budgets = [] }: AppTicket, file: string): AppGrant {
  const name = parsePath(file).name.slice(0, NAME_CHARACTERS_MAX)
  return { publicKey, name, permissions, budgets }
}

/** Permissions add up; of two budgets for a currency the first counts, and a ticket without budgets lifts none. */
function add(before: AppGrant | undefined, grant: AppGrant): AppGrant {
  if (before === undefined) return grant
  const permissions = PERMISSIONS.filter((each) =>
    [before, grant].some((one) => one.permissions.includes(each)),
  )
  const known = new Set(before.budgets.map(({ currency }) => currency))
  const budgets = [...before.budgets, ...grant.budgets.filter(({ currency }) => !known.has(currency))]
  return { ...before, permissions, budgets }
}

/** Names of the files, hidden ones (of editors and file managers) left out. */
async function list(folder: string): Promise<Result<string[]>> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    if (names.length <= APPS_MAX) return ok(names.sort())
    return fail(
      'unreadableFolder',
      `${folder} holds more than ${APPS_MAX} files: it is not a folder of app tickets.`,
    )
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const reason =
      code === 'ENOENT'
        ? 'there is none'
        : code === 'ENOTDIR'
          ? 'it is a file'
          : `it cannot be read (${String(error)})`
    return fail(
      'unreadableFolder',
      `The folder of trusted apps is ${folder}, but ${reason}: make it, even if empty.`,
    )
  }
}
