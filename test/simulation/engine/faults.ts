// What can go wrong in a simulated world. Each fault does its damage and says how it is undone; what is not undone
// in time is undone at the end, when everybody comes back.

import { toText } from '../../../protocol/forms.ts'
import { LINK_VERSION } from '../../../protocol/link-identity.ts'
import type { FriendRecord, PaymentRecord } from '../../../worker/core/records.ts'
import type { WorldServer } from '../../support/world.ts'
import { expectRefusal } from './errands.ts'
import type { Member } from './member.ts'
import type { FaultName } from './plan.ts'
import { pairsOf, type Scene } from './scene.ts'

type Undo = () => void

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** More than anybody owes. */
const REFUND_ROOM = '1000000'

export class Faults {
  readonly #scene: Scene
  /** How to undo what is wrong now, and the step at which that happens by itself. */
  #undos: { readonly due: number; readonly undo: Undo }[] = []
  #step = 0

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Undoes what has lasted long enough. */
  nextStep(): void {
    this.#step += 1
    const due = this.#undos.filter((each) => each.due <= this.#step)
    this.#undos = this.#undos.filter((each) => each.due > this.#step)
    for (const { undo } of due) undo()
  }

  strike(name: FaultName): void {
    const { dice, story } = this.#scene
    story.count(`fault ${name}`)
    const undo = this.#do(name)
    if (undo !== undefined) this.#undos.push({ due: this.#step + dice.between(1, 12), undo })
  }

  /** All faults stop: whatever is broken is repaired. */
  healAll(): void {
    const undos = this.#undos
    this.#undos = []
    for (const { undo } of undos) undo()
    for (const member of this.#scene.members) {
      const { device } = member.card
      device.pause = () => 0
      if (device.skew_ms !== 0) {
        // Going back in time, a node would wait until its clock has caught up: its owner restarts it.
        device.skew_ms = 0
        if (!member.isDead) this.#crash(member)
      }
      if (member.isDead) this.#boot(member)
    }
  }

  #do(name: FaultName): Undo | undefined {
    const { dice, members, world } = this.#scene
    const member = dice.pick(members)
    switch (name) {
      case 'flap':
        return this.#tell(`${member.name} loses its connections`, () => world.network.cut(member.name))
      case 'unplug':
        this.#tell(`${member.name} goes off line`, () => world.network.disconnect(member.name))
        return () => this.#tell(`${member.name} is on line again`, () => world.network.reconnect(member.name))
      case 'partition':
        return this.#partition()
      case 'frame':
        return this.#disturbFrame()
      case 'relayDown':
        return this.#serverDown(dice.pick(this.#scene.relays))
      case 'indexDown':
        return this.#serverDown(dice.pick(this.#scene.indexServers))
      case 'crash':
        if (!member.isDead) this.#crash(member)
        return () => this.#boot(member)
      case 'night':
        return this.#night()
      case 'clock':
        return this.#skew(member)
      case 'slowDevice':
        return this.#slow(member)
      case 'program':
        return this.#changeProgram(member)
      case 'diskFull':
        if (!member.isDead) member.card.store.fault = 'full'
        this.#scene.story.tell(`the disk of ${member.name} is full`)
        return () => {
          if (member.card.store.fault === 'full') member.card.store.fault = undefined
        }
      case 'disable':
      case 'limit':
      case 'close':
      case 'rate':
      case 'currency':
      case 'relays':
        return this.#configure(name)
      case 'restore':
        return this.#restore(member)
      case 'twin':
        return this.#twin(member)
      case 'remove':
        return this.#remove()
      case 'reset': {
        const pair = this.#pickPair()
        if (pair === undefined) return undefined
        const [one, other] = pair
        this.taint(one, other)
        return this.#tell(`${one.name} asks ${other.name} to agree on the balance anew`, () =>
          this.#ask(one, (card) => card.call('friends.reset', { friend: other.card.publicKey })),
        )
      }
    }
  }

  #tell(line: string, act: () => void): undefined {
    this.#scene.story.tell(line)
    act()
  }

  // ---- The network and the servers

  #partition(): Undo {
    const { dice, members, relays, indexServers, world } = this.#scene
    const cut = new Set(members.filter(() => dice.chance(0.4)).map(({ name }) => name))
    const lost = new Set([...relays, ...indexServers].filter(() => dice.chance(0.6)).map(({ url }) => url))
    const isParted = (client: string, url: string): boolean => cut.has(client) && lost.has(url)
    this.#scene.story.tell(
      `${[...cut].join(', ') || 'nobody'} cannot reach ${[...lost].join(', ') || 'nothing'}`,
    )
    world.network.isParted = isParted
    world.network.cutIf(({ client, url }) => isParted(client, url))
    return () => {
      if (world.network.isParted === isParted) world.network.isParted = () => false
    }
  }

  /** One message of one connection is lost, altered, or comes twice. */
  #disturbFrame(): undefined {
    const { dice, story, world } = this.#scene
    const open = world.network.connections.filter(({ ends }) => !ends[0].isClosed)
    if (open.length === 0) return undefined
    const { client, url, ends } = dice.pick(open)
    const end = dice.pick(ends)
    const kind = dice.pick(['lost', 'altered', 'doubled'])
    story.tell(`a frame between ${client} and ${url} is ${kind}`)
    end.intercept = (message) => {
      end.intercept = (other) => other
      if (kind === 'lost') return undefined
      if (kind === 'doubled') end.send(message)
      if (kind === 'doubled' || message.length === 0) return message
      const altered = message.slice()
      altered[dice.below(altered.length)]! ^= 1 << dice.below(8)
      return altered
    }
    return undefined
  }

  #serverDown(server: WorldServer): Undo {
    this.#tell(`${server.name} dies`, () => server.kill())
    return () => this.#tell(`${server.name} runs`, () => server.start())
  }

  // ---- Devices

  #crash(member: Member): void {
    this.#scene.story.tell(`${member.name} is killed`)
    member.isDead = true
    member.card.crash(this.#scene.dice.chance(0.5))
  }

  #boot(member: Member): void {
    if (!member.isDead) return
    this.#scene.story.tell(`${member.name} starts`)
    member.isDead = false
    member.card.boot()
  }

  /** All sleep for days, and some longer than others. */
  #night(): Undo {
    const { dice, members, relays, indexServers, world } = this.#scene
    for (const member of members) {
      if (!member.isDead) this.#crash(member)
      member.twin?.crash()
      member.twin = undefined
    }
    const servers = [...relays, ...indexServers]
    for (const server of servers) server.kill()
    const days = dice.between(1, 40)
    this.#scene.story.tell(`${days} days pass`)
    world.clock.advance(days * DAY_MS)
    for (const server of servers) server.start()
    const [late, early] = [members.filter(() => dice.chance(0.2)), new Set<Member>()]
    for (const member of members) if (!late.includes(member)) early.add(member)
    for (const member of early) this.#boot(member)
    return () => {
      for (const member of late) this.#boot(member)
    }
  }

  #skew(member: Member): undefined {
    const { dice } = this.#scene
    const span = dice.chance(0.2) ? dice.spread(10 * MINUTE_MS, 3 * DAY_MS) : dice.spread(10, 4 * MINUTE_MS)
    const jump_ms = Math.floor(dice.chance(0.5) ? span : -span)
    member.card.device.skew_ms += jump_ms
    return this.#tell(`the clock of ${member.name} jumps by ${jump_ms} ms`, () => undefined)
  }

  #slow(member: Member): Undo {
    const { dice } = this.#scene
    const most_ms = Math.ceil(dice.spread(2, 3_000))
    const pauses = dice.fork(`device ${member.name} ${this.#step}`)
    this.#scene.story.tell(`the device of ${member.name} takes up to ${most_ms} ms for everything`)
    member.card.device.pause = () => pauses.below(most_ms)
    return () => {
      member.card.device.pause = () => 0
    }
  }

  /** It runs a program of another version, which friends, or servers too, do not understand; then it is updated. */
  #changeProgram(member: Member): Undo {
    const { dice, story } = this.#scene
    const version = dice.pick([LINK_VERSION - 1, LINK_VERSION + 1])
    const linkVersions = dice.chance(0.5) ? { friends: version } : { friends: version, servers: version }
    const restart = (line: string): void => {
      if (!member.isDead) this.#crash(member)
      story.tell(line)
      this.#boot(member)
    }
    member.card.device.linkVersions = linkVersions
    restart(`${member.name} speaks version ${version} with ${Object.keys(linkVersions).join(' and ')}`)
    return () => {
      member.card.device.linkVersions = undefined
      restart(`${member.name} speaks version ${LINK_VERSION} again`)
    }
  }

  // ---- What owners change

  #configure(name: 'disable' | 'limit' | 'close' | 'rate' | 'currency' | 'relays'): Undo | undefined {
    const { dice, plan, story } = this.#scene
    const pair = this.#pickPair()
    if (pair === undefined) return undefined
    const [one, other] = pair
    const friend = other.card.publicKey
    const currency = dice.pick(plan.currencies)
    story.tell(`${one.name} changes for ${other.name}: ${name}`)
    switch (name) {
      case 'disable':
        this.#ask(one, (card) => card.call('friends.setEnabled', { friend, enabled: false }))
        return () => this.#ask(one, (card) => card.call('friends.setEnabled', { friend, enabled: true }))
      case 'limit': {
        const maxDebt = String(dice.between(0, 300))
        this.#ask(one, (card) => card.call('friends.setMaxDebt', { friend, currency, maxDebt }))
        return undefined
      }
      case 'close':
        this.#ask(one, (card) => card.call('friends.setOpen', { friend, currency, open: false }))
        return () => this.#ask(one, (card) => card.call('friends.setOpen', { friend, currency, open: true }))
      case 'rate': {
        const rate = { mul: dice.chance(0.5) ? 0 : dice.below(2 ** 28), add: dice.below(4) }
        this.#ask(one, (card) => card.call('friends.setRate', { friend, currency, rate }))
        return undefined
      }
      case 'currency': {
        const isNew = dice.chance(0.5)
        const method = isNew ? 'friends.addCurrency' : 'friends.removeCurrency'
        this.#ask(one, (card) => card.call(method, { friend, currency: dice.pick(['hours', 'eggs']) }))
        return undefined
      }
      case 'relays':
        return this.#changeRelays(one)
    }
  }

  /** Another relay is added, and the one in use is left; never an honest one for one that lies. */
  #changeRelays(member: Member): undefined {
    const { dice, honestRelays, relays } = this.#scene
    const left = dice.pick(relays)
    const { publicKey, address, name } = dice.pick(honestRelays.includes(left) ? honestRelays : relays)
    const ticket = toText({ kind: 'relay', ticket: { publicKey, address } })
    this.#ask(member, async (card) => {
      await card.call('servers.addRelay', { ticket, name })
      if (left.publicKey !== publicKey) await card.call('servers.removeRelay', { publicKey: left.publicKey })
    })
    return undefined
  }

  // ---- What takes two people to repair

  /** An old copy of the data is put in its place. */
  #restore(member: Member): Undo | undefined {
    const { dice } = this.#scene
    if (member.backups.length === 0 || dice.chance(0.4)) {
      member.backups.push(structuredClone(member.card.disk))
      return undefined
    }
    if (!member.isDead) this.#crash(member)
    this.#scene.story.tell(`the data of ${member.name} is replaced by an old copy`)
    member.card.disk = structuredClone(dice.pick(member.backups))
    member.isTainted = true
    this.#scene.checker.suspect(member)
    return () => this.#boot(member)
  }

  /** The card is started on a second device, from a copy of its data. */
  #twin(member: Member): Undo | undefined {
    const { world } = this.#scene
    if (member.twin !== undefined || member.isDead) return undefined
    this.#scene.story.tell(`${member.name} is started on a second device`)
    member.isTainted = true
    this.#scene.checker.suspect(member)
    member.twin = world.twin(member.card, `${member.name}-2-${this.#step}`)
    return () => {
      this.#scene.story.tell(`the second device of ${member.name} is switched off`)
      member.twin?.crash()
      member.twin = undefined
      this.#scene.checker.suspect(member)
      member.card.node.reopen()
    }
  }

  /** One ends the friendship; later they make up, or the other one ends it as well. */
  #remove(): Undo | undefined {
    const { dice, story } = this.#scene
    const pair = this.#pickPair()
    if (pair === undefined) return undefined
    const [one, other] = pair
    this.taint(one, other)
    story.tell(`${one.name} removes ${other.name}`)
    this.#ask(one, (card) => card.call('friends.remove', { friend: other.card.publicKey }))
    if (dice.chance(0.5)) {
      return () => {
        story.tell(`${other.name} removes ${one.name}, too`)
        one.friends.delete(other)
        other.friends.delete(one)
        this.#ask(other, (card) => card.call('friends.remove', { friend: one.card.publicKey }))
      }
    }
    return () => {
      story.tell(`${one.name} adds ${other.name} again`)
      this.taint(one, other)
      this.#ask(one, (card) => befriendAgain(card, other))
    }
  }

  /** Owners see to it that everything is again as they want it, whatever they did or could not do before. */
  makeUp(): void {
    for (const member of this.#scene.members) {
      // The word that it is used elsewhere may have come after its owner had taken it back.
      if (member.twin === undefined && !member.isDead) member.card.node.reopen()
      const known = member.card.core?.state.friends
      if (!member.isHonest || !member.isRunning || known === undefined) continue
      for (const other of member.friends) {
        if (!known.has(other.card.publicKey)) {
          this.taint(member, other)
          this.#ask(member, (card) => befriendAgain(card, other))
        }
      }
      for (const { record } of known.values()) this.#makeUpWith(member, record)
      for (const payment of member.card.disk.tables.payments.values()) this.#makeRoom(member, payment)
    }
  }

  /** Whoever is to be given something back lets his friend give it, however little he trusted him. */
  #makeRoom(debtor: Member, { refundOf, finished, destination, currency }: PaymentRecord): void {
    const creditor = this.#scene.members.find(({ card }) => card.publicKey === destination)
    if (refundOf === undefined || finished !== undefined || creditor?.isHonest !== true) return
    this.#ask(creditor, async (card) => {
      const { publicKey: friend } = debtor.card
      await card.call('friends.addCurrency', { friend, currency })
      await card.call('friends.setMaxDebt', { friend, currency, maxDebt: REFUND_ROOM })
      await card.call('friends.setOpen', { friend, currency, open: true })
    })
  }

  #makeUpWith(member: Member, { publicKey: friend, enabled, currencies }: FriendRecord): void {
    if (![...member.friends].some(({ card }) => card.publicKey === friend)) {
      this.#ask(member, (card) => card.call('friends.remove', { friend }))
      return
    }
    if (!enabled) this.#ask(member, (card) => card.call('friends.setEnabled', { friend, enabled: true }))
    for (const { currency, open } of currencies) {
      if (open) continue
      this.#ask(member, (card) => card.call('friends.setOpen', { friend, currency, open: true }))
    }
  }

  /** Nothing exact is expected of what these two have between them. */
  taint(one: Member, other: Member): void {
    one.isTainted = true
    other.isTainted = true
    this.#scene.checker.suspectPair(one, other)
  }

  /** Two honest friends, in any order. */
  #pickPair(): readonly [Member, Member] | undefined {
    const { dice, members } = this.#scene
    const pairs = pairsOf(members).filter((pair) => pair.every(({ isHonest }) => isHonest))
    if (pairs.length === 0) return undefined
    const [one, other] = dice.pick(pairs)
    return dice.chance(0.5) ? [one, other] : [other, one]
  }

  /** A call whose refusal is nobody's fault: the card may be dead, elsewhere, or its disk full. */
  #ask(member: Member, act: (card: Member['card']) => Promise<unknown>): void {
    if (member.isDead) return
    act(member.card).catch((error: unknown) => {
      this.#scene.story.tell(`${member.name} is refused: ${expectRefusal(error)}`)
    })
  }
}

async function befriendAgain(card: Member['card'], other: Member): Promise<void> {
  const { publicKey: friend } = other.card
  const relays = [...other.card.disk.tables.card.values()].flatMap((record) => record.relays)
  const ticket = toText({ kind: 'friend', ticket: { publicKey: friend, relays, name: other.name } })
  await card.call('friends.add', { ticket, name: other.name })
  await card.call('friends.setMaxDebt', { friend, currency: 'credit', maxDebt: '100' })
  await card.call('friends.setOpen', { friend, currency: 'credit', open: true })
}
