// The file of a snapshot on a real disk: how it is written and read, and what happens when neither can be done.

import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rmdir, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DRAIN_MS_MAX } from '../../../cli/http-listener.ts'
import { SnapshotFile } from '../../../cli/snapshot-file.ts'
import { Log } from '../../../cli/operation/log.ts'
import { systemRandom } from '../../../cli/system.ts'
import { EDGE_BYTES_MAX, NODES_MAX, REPORTS_MAX } from '../../../index-server/limits.ts'
import { Nodes } from '../../../index-server/nodes.ts'
import { snapshotOf } from '../../../index-server/snapshot.ts'
import type { Signer } from '../../../protocol/crypto.ts'
import type { RequestId } from '../../../protocol/types.ts'
import { toBase64url } from '../../../protocol/wire.ts'
import { nodeProvider } from '../../../worker/runtime/crypto/node.ts'
import { CREDIT } from '../../support/federation-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const [server, stranger, node, friend] = [1, 2, 3, 4].map((seed) =>
  nodeProvider.signer(new Uint8Array(32).fill(seed)),
) as [Signer, Signer, Signer, Signer]
const SESSION = toBase64url(new Uint8Array(16)) as RequestId

class Place {
  readonly clock = new VirtualClock()
  readonly complaints: string[] = []
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async open(): Promise<SnapshotFile> {
    const { clock, complaints } = this
    const environment = { signer: server, crypto: nodeProvider, clock, random: systemRandom }
    const complain = (sentence: string): void => void complaints.push(sentence)
    const log = new Log({ format: undefined, program: 'test', clock, write: complain, complain })
    const file = await SnapshotFile.open(this.path, environment, log)
    onTestFinished(() => file.close())
    return file
  }

  /** What a process writes before it takes the place of the file. */
  draft(processId = process.pid): string {
    return `${this.path}.${processId}.new`
  }

  /** Of a server that knows one edge. */
  pieces(signer = server): Iterable<Uint8Array> {
    const nodes = new Nodes()
    const now = this.clock.now()
    nodes.restore({ node: node.publicKey, session: SESSION, counter: 1, oldSessions: [], heard: now }, now)
    const edge = { friend: friend.publicKey, currency: CREDIT, capacity: 5n, rate: { mul: 0, add: 1 } }
    nodes.restoreEdges(node.publicKey, [edge])
    return snapshotOf(nodes, signer)
  }

  /** Another one is written, or cannot be: the one under way, or else the next. */
  async next(file: SnapshotFile): Promise<void> {
    const count = (): number => file.counts.written + file.counts.failed
    const before = count()
    while (count() === before) {
      const { nextDue } = this.clock
      if (nextDue !== undefined) this.clock.advance(nextDue - this.clock.now())
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Nodes that a server which starts now knows. */
  async known(): Promise<number | undefined> {
    return (await this.open()).nodes?.size
  }
}

async function place(): Promise<Place> {
  return new Place(join(await temporaryFolder(), 'index.snapshot'))
}

describe('the file of a snapshot', () => {
  it('IDX-26 is made when there is none, again and again and at the end, and read at the next start', async () => {
    const here = await place()
    const file = await here.open()
    expect(file.nodes).toBeUndefined()
    file.keep(() => here.pieces())
    await here.next(file)
    await here.next(file)
    await file.close()
    const { written, failed } = file.counts
    expect([written >= 3, failed]).toEqual([true, 0])
    expect(await here.known()).toBe(1)
    expect(await readdir(join(here.path, '..'))).toEqual(['index.snapshot'])
    expect((await stat(here.path)).mode & 0o077).toBe(0)
    expect(here.complaints).toEqual([])
  })

  it('IDX-26 is left alone when it is something else, with one sentence, until it is moved away', async () => {
    const first = await place()
    const own = Buffer.concat([...first.pieces()])
    const files: [RegExp, Uint8Array][] = [
      [/is no snapshot of an index server/, Buffer.from('My poems. Do not delete.\n'.repeat(99))],
      [/is no snapshot of an index server/, new Uint8Array(0)],
      [/is of a server with another key/, Buffer.concat([...first.pieces(stranger)])],
      [/was written by another version/, Buffer.from(own).fill(9, 20, 21)],
    ]
    for (const [reason, bytes] of files) {
      const here = await place()
      await writeFile(here.path, bytes)
      const file = await here.open()
      expect(file.nodes).toBeUndefined()
      expect(here.complaints).toEqual([expect.stringMatching(reason)])
      file.keep(() => here.pieces())
      await file.close()
      expect(Buffer.compare(await readFile(here.path), bytes)).toBe(0)
      expect(file.counts).toEqual({ written: 0, failed: 0 })

      const again = await here.open()
      await rename(here.path, `${here.path}.away`)
      again.keep(() => here.pieces())
      await again.close()
      expect(again.counts).toMatchObject({ failed: 0 })
      expect(await here.known()).toBe(1)
      expect(here.complaints).toHaveLength(2)
    }
  })

  it('IDX-26 is written over when it is one of this server that is damaged, which is said', async () => {
    const here = await place()
    const own = Buffer.concat([...here.pieces()])
    await writeFile(here.path, own.subarray(0, own.length - 1))
    const file = await here.open()
    expect(file.nodes).toBeUndefined()
    expect(here.complaints).toEqual([expect.stringMatching(/is damaged\. It is one of this server/)])
    file.keep(() => here.pieces())
    await file.close()
    expect(await here.known()).toBe(1)
  })

  it('IDX-26 leaves the draft of another process that runs alone, and takes away that of a dead one', async () => {
    const here = await place()
    const { pid: deadProcess } = spawnSync(process.execPath, ['--version'])
    await writeFile(here.draft(deadProcess), 'half')
    await writeFile(here.draft(process.ppid), 'half')
    const file = await here.open()
    file.keep(() => here.pieces())
    await file.close()
    expect(await here.known()).toBe(1)
    const files = await readdir(join(here.path, '..'))
    expect(files.sort()).toEqual([here.path, here.draft(process.ppid)].map((path) => basename(path)))
  })

  it('CLI-22 is given up at the end when it takes too long, and the one before stays', async () => {
    const here = await place()
    const first = await here.open()
    first.keep(() => here.pieces())
    await first.close()
    const file = await here.open()
    let count = 0
    function* slow(): Generator<Uint8Array> {
      for (; count < 2_000; count++) yield new Uint8Array(65_536)
    }
    file.keep(slow)
    const closed = file.close()
    while (count < 3) await new Promise((resolve) => setTimeout(resolve, 1))
    here.clock.advance(DRAIN_MS_MAX)
    await closed
    expect(count).toBeLessThan(2_000)
    expect(file.counts.written).toBe(0)
    expect(here.complaints).toEqual([expect.stringMatching(/taken too long: the one before stays/)])
    expect(await here.known()).toBe(1)
  })

  it('IDX-26 is not read when it is too long, or no file', async () => {
    const here = await place()
    await writeFile(here.path, '')
    await truncate(here.path, 2 * (NODES_MAX * 256 + REPORTS_MAX * EDGE_BYTES_MAX))
    expect((await here.open()).nodes).toBeUndefined()
    const folder = new Place(join(here.path, '..'))
    expect((await folder.open()).nodes).toBeUndefined()
    expect([...here.complaints, ...folder.complaints]).toEqual([
      expect.stringMatching(/it is longer than any snapshot\. It is left as it is/),
      expect.stringMatching(/it is no file\. It is left as it is/),
    ])
  })

  it('IDX-26 that cannot be written is complained of once, and tried again', async () => {
    const here = new Place(join(await temporaryFolder(), 'later', 'index.snapshot'))
    const file = await here.open()
    file.keep(() => here.pieces())
    await here.next(file)
    await here.next(file)
    expect(file.counts.failed).toBeGreaterThanOrEqual(2)
    expect(here.complaints).toEqual([
      expect.stringMatching(/cannot be written: its directory does not exist\. It is tried again/),
    ])
    await mkdir(join(here.path, '..'))
    await here.next(file)
    expect(await here.known()).toBe(1)
  })

  it('IDX-26 stays as it was when a new one cannot be written, and half of one is never taken for one', async () => {
    const here = await place()
    const first = await here.open()
    first.keep(() => here.pieces())
    await first.close()
    const before = await readFile(here.path)
    await mkdir(here.draft())
    const second = await here.open()
    second.keep(() => here.pieces())
    await here.next(second)
    expect(here.complaints).toEqual([
      expect.stringMatching(/cannot be written: something of that name is in the way/),
    ])
    expect(Buffer.compare(await readFile(here.path), before)).toBe(0)

    await rmdir(here.draft())
    await writeFile(here.draft(), before.subarray(0, 40))
    expect((await here.open()).nodes).toBeDefined()
    await here.next(second)
    expect(await here.known()).toBe(1)
  })

  it('IDX-26 is not written through a link that somebody has put in its way', async () => {
    const here = await place()
    const victim = `${here.path}.victim`
    await writeFile(victim, 'dear')
    await symlink(victim, here.draft())
    const file = await here.open()
    file.keep(() => here.pieces())
    await file.close()
    expect(await readFile(victim, 'utf8')).toBe('dear')
    expect(await here.known()).toBe(1)
  })

  it('IDX-26 is given up in the middle when the server ends, for the last one', async () => {
    const here = await place()
    const file = await here.open()
    let count = 0
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        count++
        yield new Uint8Array(65_536)
      }
    }
    let isLast = false
    file.keep(() => (isLast ? here.pieces() : endless()))
    while (count < 3) await new Promise((resolve) => setTimeout(resolve, 1))
    isLast = true
    await file.close()
    expect(file.counts).toEqual({ written: 1, failed: 0 })
    expect(await here.known()).toBe(1)
  })
})
