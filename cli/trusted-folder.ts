// A folder of tickets that an owner fills and empties while a program runs: what lies in it counts, as long as it
// lies there.

import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentKind, DocumentOf } from '../protocol/forms.ts'
import { fail, ok, type Fault, type Result } from '../protocol/result.ts'
import type { Clock } from '../protocol/transport.ts'
import { checkIsFile, errorCode, readForm, reasonOf } from './files.ts'

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
    const listed = await list(options.folder)
    if (!listed.ok) return fail('unreadableFolder', sentenceOf(options, listed.error))
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
      const { files, complaints } = await readTickets(this.#options, this.#files)
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

/**
 * Who is gone is trusted no more; of what only cannot be read now, as when too many files are open, the last word
 * counts.
 * @param known what was read last.
 */
async function readTickets<K extends DocumentKind>(
  options: TrustedFolderOptions<K>,
  known: readonly TrustedFile<K>[],
): Promise<{ files: readonly TrustedFile<K>[]; complaints: string[] }> {
  const { folder, kind, tickets, filesMax } = options
  const names = await list(folder)
  if (!names.ok) {
    const message = sentenceOf(options, names.error)
    if (isGone(names.error)) return { files: [], complaints: [message] }
    return { files: known, complaints: [`${message} Until it can be, those trusted before stay trusted.`] }
  }
  const files: TrustedFile<K>[] = []
  const complaints: string[] = []
  if (names.value.length > filesMax) {
    complaints.push(`${folder} holds more than ${filesMax} files: only the first ones count, by their names.`)
  }
  for (const name of names.value.slice(0, filesMax)) {
    const form = await readTicket(join(folder, name), kind)
    if (form.ok) {
      files.push({ name, document: form.value })
      continue
    }
    const { code, message } = form.error
    if (code === 'missingFile') continue
    const before = code === 'unreadableFile' ? known.find((file) => file.name === name) : undefined
    if (before !== undefined) {
      files.push(before)
      complaints.push(`${message} Until it can be, what it said before counts.`)
    } else if (code === 'unreadableFile') complaints.push(`${message} Until it can be, it is left out.`)
    else complaints.push(`${message} It is left out: only ${tickets} belong into ${folder}.`)
  }
  return { files, complaints }
}

/** Whoever opens a named pipe may wait for ever: only files are opened. */
async function readTicket<K extends DocumentKind>(path: string, kind: K): Promise<Result<DocumentOf<K>>> {
  const file = await checkIsFile(path)
  return file.ok ? readForm(path, kind) : file
}

/** Names of the files in order, hidden ones (of editors and file managers) left out; faults are the system's. */
async function list(folder: string): Promise<Result<string[]>> {
  try {
    const names = await readdir(folder)
    return ok(names.filter((name) => !name.startsWith('.')).sort())
  } catch (error) {
    return fail(errorCode(error), reasonOf(error))
  }
}

function isGone({ code }: Fault): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function sentenceOf<K extends DocumentKind>(
  { folder, owners }: TrustedFolderOptions<K>,
  fault: Fault,
): string {
  const which = `The folder of trusted ${owners}, ${folder}, cannot be read`
  if (fault.code === 'ENOENT') return `${which}: there is none. Make it, even if empty.`
  if (fault.code === 'ENOTDIR') return `${which}: it is a file. Name a folder.`
  return `${which}: ${fault.message}.`
}
