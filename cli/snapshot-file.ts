// The file in which an index server keeps what it knows of its nodes while it runs, and from which it starts (IDX-26).
// A new one takes the place of the old one when it is wholly on the disk; what goes wrong is said once, and stops
// nothing else.

import { open, readdir, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EDGE_BYTES_MAX, NODES_MAX, REPORTS_MAX } from '../index-server/limits.ts'
import { Nodes } from '../index-server/nodes.ts'
import { SnapshotReader } from '../index-server/snapshot.ts'
import type { ServerEnvironment } from '../protocol/link-acceptor.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import { checkFree, errorCode, reasonOf, SECRET_MODE } from './files.ts'
import { DRAIN_MS_MAX } from './http-listener.ts'
import type { Log } from './operation/log.ts'

/** A node is forgotten after a minute without a sign of life: an older snapshot is worth nothing. */
const EVERY_MS = 15_000
/** A snapshot of a big graph takes its time: at most one part in so many of all time. */
const SHARE = 5
/** So much is made ready at a time; the server goes on while the disk takes it. */
const SLICE_BYTES = 65_536
/** With what stands before each node: its key, its sessions and lengths. */
const NODE_BYTES_MAX = 256
const SNAPSHOT_BYTES_MAX = NODES_MAX * NODE_BYTES_MAX + REPORTS_MAX * EDGE_BYTES_MAX

export type SnapshotEnvironment = Pick<ServerEnvironment, 'signer' | 'crypto' | 'clock' | 'random'>

/** How often it was written, and could not be, since the start. */
export interface SnapshotCounts {
  readonly written: number
  readonly failed: number
}

export class SnapshotFile {
  /** What the file held; undefined when there was none, or none that can be used. */
  readonly nodes: Nodes | undefined
  readonly #counts = { written: 0, failed: 0 }
  readonly #path: string
  readonly #environment: SnapshotEnvironment
  readonly #log: Log
  /** Somebody may need what is there: it is never written over. */
  #isAlien: boolean
  #hasFailed = false
  #pieces: (() => Iterable<Uint8Array>) | undefined
  #cancelNext: () => void = () => undefined
  #writing: Promise<void> = Promise.resolve()
  #isClosing = false

  private constructor(path: string, environment: SnapshotEnvironment, log: Log, found: Result<Nodes>) {
    this.#path = path
    this.#environment = environment
    this.#log = log
    this.nodes = found.ok ? found.value : undefined
    this.#isAlien = !found.ok && found.error.code !== 'ENOENT' && found.error.code !== 'damaged'
    if (found.ok) {
      log.info('restored', { nodes: found.value.size, reports: found.value.reports })
    } else if (found.error.code !== 'ENOENT') {
      const reason = `The snapshot ${path} cannot be used: ${found.error.message}.`
      const outlook = this.#isAlien
        ? 'It is left as it is, and none is written until it is moved away.'
        : 'It is one of this server: the next one takes its place.'
      log.warn('snapshotUnusable', `${reason} ${outlook}`)
    }
  }

  /** Reads the file, if there is one. Nothing here keeps a server from starting. */
  static async open(path: string, environment: SnapshotEnvironment, log: Log): Promise<SnapshotFile> {
    await removeDrafts(path)
    return new SnapshotFile(path, environment, log, await read(path, environment))
  }

  get counts(): SnapshotCounts {
    return { ...this.#counts }
  }

  /** Writes one now, and again and again. @param pieces the bytes of a new one. */
  keep(pieces: () => Iterable<Uint8Array>): void {
    this.#pieces = pieces
    this.#writing = this.#writeAndGoOn(pieces)
  }

  /** Writes the last one, unless that takes too long (CLI-22): then the one before stays. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#cancelNext()
    let isLate = false
    let cancel = (): void => undefined
    const late = new Promise<void>((resolve) => {
      cancel = this.#environment.clock.after(DRAIN_MS_MAX, () => {
        isLate = true
        const sentence = `The last snapshot ${this.#path} would have taken too long: the one before stays.`
        this.#log.warn('snapshotNotWritten', sentence)
        resolve()
      })
    })
    await Promise.race([this.#writeLast(() => isLate), late])
    cancel()
  }

  async #writeLast(isGivenUp: () => boolean): Promise<void> {
    await this.#writing
    const pieces = this.#pieces
    this.#pieces = undefined
    if (pieces !== undefined) await this.#write(pieces(), isGivenUp)
  }

  async #writeAndGoOn(pieces: () => Iterable<Uint8Array>): Promise<void> {
    const { clock } = this.#environment
    const began = clock.now()
    await this.#write(pieces(), () => this.#isClosing)
    if (this.#isClosing) return
    const pause = Math.max(EVERY_MS, (clock.now() - began) * (SHARE - 1))
    this.#cancelNext = clock.after(pause, () => this.keep(pieces))
  }

  /** @param isGivenUp whether it is not worth while any more. */
  async #write(pieces: Iterable<Uint8Array>, isGivenUp: () => boolean): Promise<void> {
    if (this.#isAlien && !(await checkFree(this.#path)).ok) return
    this.#isAlien = false
    const draft = draftOf(this.#path, process.pid)
    try {
      if (await writeDraft(draft, pieces, isGivenUp)) {
        await rename(draft, this.#path)
        this.#counts.written += 1
        this.#hasFailed = false
      } else {
        await unlink(draft)
      }
    } catch (error) {
      await unlink(draft).catch(() => undefined)
      this.#counts.failed += 1
      if (this.#hasFailed) return
      this.#hasFailed = true
      const advice =
        'It is tried again; without it the server knows nothing for a moment when it starts anew.'
      const sentence = `The snapshot ${this.#path} cannot be written: ${reasonOf(error)}. ${advice}`
      this.#log.warn('snapshotNotWritten', sentence)
    }
  }
}

/** Each process has its own: of two that overlap, none puts the other's half in place. */
function draftOf(path: string, processId: number): string {
  return `${path}.${processId}.new`
}

/** Those of processes that were killed. */
async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path)
  for (const name of await readdir(folder).catch(() => [])) {
    const processId = Number(/\.([1-9][0-9]{0,8})\.new$/.exec(name)?.[1])
    const isDraft = name === basename(draftOf(path, processId))
    if (isDraft && !isRunning(processId)) await unlink(join(folder, name)).catch(() => undefined)
  }
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/** Whether all is on the disk; false when it was given up. */
async function writeDraft(
  path: string,
  pieces: Iterable<Uint8Array>,
  isGivenUp: () => boolean,
): Promise<boolean> {
  // What a process of this number left that was killed. Never through a link, which somebody else may have put there.
  await unlink(path).catch(() => undefined)
  const file = await open(path, 'wx', SECRET_MODE)
  try {
    let slice: Uint8Array[] = []
    let size = 0
    for (const piece of pieces) {
      slice.push(piece)
      size += piece.length
      if (size < SLICE_BYTES) continue
      await file.writeFile(Buffer.concat(slice))
      if (isGivenUp()) return false
      slice = []
      size = 0
    }
    await file.writeFile(Buffer.concat(slice))
    await file.sync()
    return true
  } finally {
    await file.close()
  }
}

/** Faults are reasons, as parts of a sentence; `ENOENT` when there is no file. */
async function read(
  path: string,
  { signer, crypto, clock, random }: SnapshotEnvironment,
): Promise<Result<Nodes>> {
  const reader = new SnapshotReader({
    nodes: new Nodes(new DataView(random(8).buffer).getBigUint64(0)),
    verifier: crypto,
    server: signer.publicKey,
    now: clock.now(),
  })
  let file: FileHandle | undefined
  try {
    // Of what is no file, such as a pipe, the end might never come.
    const about = await stat(path)
    if (!about.isFile()) return fail('noFile', 'it is no file')
    if (about.size > SNAPSHOT_BYTES_MAX) return fail('tooLong', 'it is longer than any snapshot')
    file = await open(path, 'r')
    const taken = await readAll(file, reader)
    return taken.ok ? reader.end() : taken
  } catch (error) {
    return fail(errorCode(error), reasonOf(error))
  } finally {
    await file?.close()
  }
}

async function readAll(file: FileHandle, reader: SnapshotReader): Promise<Result<void>> {
  const buffer = new Uint8Array(SLICE_BYTES)
  for (let left = SNAPSHOT_BYTES_MAX; left > 0;) {
    const { bytesRead } = await file.read(buffer)
    if (bytesRead === 0) return ok(undefined)
    left -= bytesRead
    const taken = reader.take(buffer.subarray(0, bytesRead))
    if (!taken.ok) return taken
  }
  return fail('tooLong', 'it is longer than any snapshot')
}
