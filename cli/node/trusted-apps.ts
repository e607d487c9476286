// The folder of trusted apps: whoever's app ticket lies in it may connect, as long as it lies there.

import { parse as parsePath } from 'node:path'
import { PERMISSIONS, type AppTicket } from '../../protocol/forms.ts'
import { APPS_MAX } from '../../protocol/limits.ts'
import { ok, type Result } from '../../protocol/result.ts'
import type { Clock } from '../../protocol/transport.ts'
import type { PublicKey } from '../../protocol/types.ts'
import type { AppGrant } from '../../worker/core/apps.ts'
import type { AppPermissions } from '../../worker/shell/app-links.ts'
import { TrustedFolder, type TrustedFile } from '../trusted-folder.ts'

/** Characters of a file's name that name an app. */
const NAME_CHARACTERS_MAX = 64

export interface TrustedAppsOptions {
  readonly folder: string
  readonly clock: Clock
  /** A file that is no app ticket, or a folder that cannot be read; each said once. */
  readonly onComplaint: (sentence: string) => void
}

export class TrustedApps {
  /** The accepted apps are others than before, or may do something else. */
  onChanged: () => void = () => undefined
  readonly #folder: TrustedFolder<'app'>
  #apps: ReadonlyMap<PublicKey, AppGrant>

  private constructor(folder: TrustedFolder<'app'>) {
    this.#folder = folder
    this.#apps = grantsOf(folder.files)
    folder.onRead = () => {
      this.#apps = grantsOf(folder.files)
      this.onChanged()
    }
  }

  /** Reads the folder and watches it from now on; fault `unreadableFolder`. */
  static async open(options: TrustedAppsOptions): Promise<Result<TrustedApps>> {
    const folder = await TrustedFolder.open({
      ...options,
      kind: 'app',
      tickets: 'app tickets',
      owners: 'apps',
      filesMax: APPS_MAX,
    })
    return folder.ok ? ok(new TrustedApps(folder.value)) : folder
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
    await this.#folder.refresh()
    return this.permissions.get(app)
  }

  close(): void {
    this.#folder.close()
  }
}

/** Several tickets of one app add up. */
function grantsOf(files: readonly TrustedFile<'app'>[]): Map<PublicKey, AppGrant> {
  const apps = new Map<PublicKey, AppGrant>()
  for (const { name, document } of files) {
    const grant = grantOf(document.ticket, name)
    apps.set(grant.publicKey, add(apps.get(grant.publicKey), grant))
  }
  return apps
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
