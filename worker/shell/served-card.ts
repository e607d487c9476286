// A card with its door for apps: those that the card's records accept may drive it, over its relays.

import { APP_FRAME_BYTES_MAX } from '../../protocol/app-packets.ts'
import { CardNode, type CardNodeOptions } from '../runtime/node.ts'
import { AppLinks } from './app-links.ts'
import { oneCard } from './one-card.ts'

export class ServedCard extends CardNode {
  readonly #links: AppLinks

  constructor(options: Omit<CardNodeOptions, 'acceptApp' | 'onAppsChanged'>) {
    super({
      ...options,
      acceptApp: (socket) => this.#links.accept(socket, APP_FRAME_BYTES_MAX),
      onAppsChanged: () => this.#links.recheck(this.appPermissions()),
    })
    this.#links = new AppLinks({
      ...options,
      host: oneCard(this),
      permissionsOf: (app) => Promise.resolve(this.appPermissions().get(app)),
      onSeen: (app) => this.appSeen(app),
    })
  }

  override async stop(): Promise<void> {
    this.#links.close()
    await super.stop()
  }
}
