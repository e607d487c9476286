// A folder of tickets that an owner fills and empties while a program runs: what lies in it counts, as long as it
// lies there.

import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentKind, DocumentOf } from '../protocol/forms.ts'
import { fail, ok, type Result } from '../protocol/result.ts'
import type { Clock } from '../protocol/transport.ts'
import { readForm } from './files.ts'

/** Some file systems tell nothing of changes: the folder is also read this often. */
const POLL_MS = 5_000
/** A file that cannot be read is complained about when it had this time to be written. */
const COMPLAIN_AFTER_MS = 500

export interface TrustedFolderOptions<K extends DocumentKind> {
  readonly folder: string
  /** What the tickets are of. */
  readonly kind: K
  /** How sentences name them, and those of whom they are. */
  readonly tickets: string
  readonly owners: string
  readonly filesMax: number
  readonly clock: Clock
  /** A file that is no such ticket, or a folder that cannot be read; each said once. */
  readonly onComplaint: (sentence: string) => void
}

export interface TrustedFile<K extends DocumentKind> {
  /** Of the file, without its folder. */
  readonly name: string
  readonly document: DocumentOf<K>
}

export class TrustedFolder<K extends DocumentKind> {
  /** The folder was read: the files may be others than before. */
  onRead: () => void = () => undefined
  readonly #options: TrustedFolderOptions<K>
  #files: readonly TrustedFile<K>[] = []
  #complaints = new Set<string>()
  #watcher: FSWatcher | undefined
  #cancelPoll: () => void = () => undefined
  #cancelComplaint: () => void = () => undefined
  /** Reads follow one another, so that an older state never takes the place of a newer one. */
  #reading: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(options: TrustedFolderOptions<K>) {
    this.#options = options
  }

  /** Reads the folder and watches it from now on; fault `unreadableFolder`. */
  static async open<K extends DocumentKind>(
    options: TrustedFolderOptions<K>,
  ): Promise<Result<TrustedFolder<K>>> {
    const trusted = new TrustedFolder(options)
    const listed = await list(options)
    if (!listed.ok) return listed
    trusted.#watch()
    await trusted.#read(true)
    trusted.#poll()
    return ok(trusted)
  }

  /** What lay in the folder when it was read last, in the order of the names. */
  get files(): readonly TrustedFile<K>[] {
    return this.#files
  }

  /** Reads the folder now. Never rejects. */
  async refresh(): Promise<void> {
    await this.#read(false)
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
      const { files, complaints } = await readTickets(this.#options)
      if (this.#isClosed) return
      this.#files = files
      if (complains) this.#complain(complaints)
      this.onRead()
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

/** A folder that is gone trusts nobody. */
async function readTickets<K extends DocumentKind>(
  options: TrustedFolderOptions<K>,
): Promise<{ files: TrustedFile<K>[]; complaints: string[] }> {
  const { folder, kind, tickets } = options
  const files: TrustedFile<K>[] = []
  const names = await list(options)
  if (!names.ok) return { files, complaints: [names.error.message] }
  const complaints: string[] = []
  for (const name of names.value) {
    const form = await readForm(join(folder, name), kind)
    if (form.ok) files.push({ name, document: form.value })
    else if (form.error.code !== 'missingFile') {
      complaints.push(`${form.error.message} It is left out: only ${tickets} belong into ${folder}.`)
    }
  }
  return { files, complaints }
}

/** Names of the files, hidden ones (of editors and file managers) left out. */
async function list<K extends DocumentKind>(options: TrustedFolderOptions<K>): Promise<Result<string[]>> {
  const { folder, tickets, owners, filesMax } = options
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
    if (names.length <= filesMax) return ok(names.sort())
    return fail(
      'unreadableFolder',
      `${folder} holds more than ${filesMax} files: it is not a folder of ${tickets}.`,
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
      `The folder of trusted ${owners} is ${folder}, but ${reason}: make it, even if empty.`,
    )
  }
}
