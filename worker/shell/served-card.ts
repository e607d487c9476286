// A card with its door for apps: those that the card's records accept may drive it, over its relays. Makes the
// tickets by which its owner uses it on other devices.

import { APP_FRAME_BYTES_MAX } from '../../protocol/app-packets.ts'
import type { Signer } from '../../protocol/crypto.ts'
import { nobleProvider } from '../../protocol/ed25519.ts'
import { PERMISSIONS, readAs, type Form } from '../../protocol/forms.ts'
import { fail, ok, type Result } from '../../protocol/result.ts'
import type { PublicKey } from '../../protocol/types.ts'
import { fromBase64url } from '../../protocol/wire.ts'
import type { MethodName, ParamsOf, ResultOf } from '../api.ts'
import { carriers } from '../core/calls.ts'
import { CardNode, type CardNodeOptions } from '../runtime/node.ts'
import { AppLinks } from './app-links.ts'
import { inviteKey } from './invite.ts'
import { oneCard } from './one-card.ts'

export class ServedCard extends CardNode {
  readonly #links: AppLinks
  readonly #signer: Signer

  constructor(options: Omit<CardNodeOptions, 'acceptApp' | 'onAppsChanged'>) {
    super({
      ...options,
      acceptApp: (socket) => this.#links.accept(socket, APP_FRAME_BYTES_MAX),
      onAppsChanged: () => this.#links.recheck(this.appPermissions()),
    })
    this.#signer = options.signer
    this.#links = new AppLinks({
      ...options,
      host: oneCard(this),
      permissionsOf: (app) => Promise.resolve(this.appPermissions().get(app)),
      onSeen: (app) => this.appSeen(app),
    })
  }

  override call(method: MethodName, params: unknown, app?: PublicKey): Promise<Result<unknown>> {
    if (method === 'apps.invite') return this.#invite(params as ParamsOf<'apps.invite'>)
    if (method === 'apps.revoke') {
      // Once it is revoked, no relay brings it a word any more. If that fails it may connect again.
      this.#links.end((params as ParamsOf<'apps.revoke'>).app as PublicKey)
    }
    return super.call(method, params, app)
  }

  override async stop(): Promise<void> {
    this.#links.close()
    await super.stop()
  }

  async #invite({ key, name, budgets }: ParamsOf<'apps.invite'>): Promise<Result<ResultOf<'apps.invite'>>> {
    const own = (await super.call('card.ticket', {})) as Result<ResultOf<'card.ticket'>>
    if (!own.ok) return own
    const read = readAs(own.value.text, 'friend')
    if (!read.ok) return read
    const { relays, name: cardName } = read.value.ticket
    if (relays.length === 0) {
      return fail(
        'noRelay',
        'This card has no relay over which another device could reach it: add one first.',
      )
    }
    const secretKey = inviteKey(this.#signer, key)
    const { publicKey: app } = nobleProvider.signer(fromBase64url(secretKey))
    const accepted = await super.call('apps.accept', { app, name, permissions: [...PERMISSIONS], budgets })
    if (!accepted.ok) return accepted
    const ticket = { publicKey: this.publicKey, secretKey, name: cardName, relays }
    const form: Form = { kind: 'remote', ticket }
    return ok({ ...carriers(form), app })
  }
}
