// Index servers of a simulated world that share what they hear, each with its neighbours in a line, and start again
// from what they wrote down last, as `stindex` does.

import type { FederationPlace } from '../../../../index-server/federation-links.ts'
import { IndexServer } from '../../../../index-server/server.ts'
import type { ServerTicket } from '../../../../protocol/forms.ts'
import type { ServerEnvironment } from '../../../../protocol/link-acceptor.ts'
import { nodesOf } from '../../../support/snapshot.ts'
import type { World, WorldServer } from '../../../support/world.ts'

/** As often as `stindex` writes one. */
const SNAPSHOT_EVERY_MS = 15_000

/** What survives a server. */
interface Disk {
  snapshot?: Uint8Array
}

class SharingServer extends IndexServer {
  readonly #unlisten: () => void
  #stopWriting: () => void = () => undefined

  /** @param address at which other servers dial it. */
  constructor(
    environment: ServerEnvironment,
    place: FederationPlace,
    disk: Disk,
    world: World,
    address: string,
  ) {
    const { clock, signer } = environment
    const restored = disk.snapshot && nodesOf(disk.snapshot, signer.publicKey, clock.now())
    super(environment, place, { restored })
    this.#unlisten = world.network.listen(`ws://${address}/`, (socket) => this.acceptServer(socket))
    const write = (): void => {
      this.#stopWriting = clock.after(SNAPSHOT_EVERY_MS, write)
      disk.snapshot = Buffer.concat([...this.snapshot()])
    }
    write()
  }

  /** It dies: what it has not written is lost. */
  override close(): void {
    this.#stopWriting()
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
    const disk: Disk = {}
    return world.server(name, (environment) => {
      tickets[number] = { publicKey: environment.signer.publicKey, address }
      const connect = world.network.connectAs(name)
      const place = { connect, isDialled: true, onState: () => undefined }
      const server = new SharingServer(environment, place, disk, world, address)
      // One that starts again finds all the tickets there.
      server.trust(neighbours(number))
      return server
    })
  })
  servers.forEach(({ program }, number) => program?.trust(neighbours(number)))
  return servers
}
