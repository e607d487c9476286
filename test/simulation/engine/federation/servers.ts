// Index servers of a simulated world that share what they hear, each with its neighbours in a line.

import type { FederationPlace } from '../../../../index-server/federation-links.ts'
import { IndexServer } from '../../../../index-server/server.ts'
import type { ServerTicket } from '../../../../protocol/forms.ts'
import type { ServerEnvironment } from '../../../../protocol/link-acceptor.ts'
import type { World, WorldServer } from '../../../support/world.ts'

/** An index server that other servers reach at an address of their own, as those of `stindex` do. */
class SharingServer extends IndexServer {
  readonly #unlisten: () => void

  constructor(
    environment: ServerEnvironment,
    place: FederationPlace,
    listen: (server: IndexServer) => () => void,
  ) {
    super(environment, place)
    this.#unlisten = listen(this)
  }

  override close(): void {
    this.#unlisten()
    super.close()
  }
}

export function serversInLine(world: World, count: number): WorldServer<IndexServer>[] {
  const tickets: ServerTicket[] = []
  const neighbours = (number: number): ServerTicket[] =>
    [tickets[number - 1], tickets[number + 1]].filter((ticket) => ticket !== undefined)
  const servers = Array.from({ length: count }, (_, number) => {
    const name = `index${number}`
    const address = `${name}-servers.example:443`
    return world.server(name, (environment) => {
      tickets[number] = { publicKey: environment.signer.publicKey, address }
      const place = {
        connect: world.network.connectAs(name),
        isDialled: true,
        onState: () => undefined,
      }
      const server = new SharingServer(environment, place, (self) =>
        world.network.listen(`ws://${address}/`, (socket) => self.acceptServer(socket)),
      )
      // One that starts again finds all the tickets there.
      server.trust(neighbours(number))
      return server
    })
  })
  servers.forEach(({ program }, number) => program?.trust(neighbours(number)))
  return servers
}
