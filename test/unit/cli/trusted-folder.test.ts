// A folder of trusted tickets on a real disk: what takes trust away, and what does not.

import { execFileSync } from 'node:child_process'
import { mkdir, rename, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TrustedFolder } from '../../../cli/trusted-folder.ts'
import { nobleProvider } from '../../../protocol/ed25519.ts'
import { toToml } from '../../../protocol/forms.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const FILES_MAX = 3
const POLL_MS = 5_000

const { publicKey } = nobleProvider.signer(new Uint8Array(32).fill(7))
const TICKET = toToml({ kind: 'index', ticket: { publicKey, address: '127.0.0.1:9' } })

class Place {
  readonly clock = new VirtualClock()
  readonly complaints: string[] = []
  /** A link to a folder, so that something else can take its place in one step. */
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async with(...names: string[]): Promise<Place> {
    const place = new Place(join(await temporaryFolder(), 'trusted'))
    await mkdir(`${place.folder}.real`)
    await symlink(`${place.folder}.real`, place.folder)
    for (const name of names) await writeFile(place.at(name), TICKET)
    return place
  }

  at(name: string): string {
    return join(this.folder, name)
  }

  /** Puts a link to itself in the place of a file or link, in one step: it is there, and nobody can read it. */
  async putLoop(path: string): Promise<void> {
    const link = `${this.folder}.link`
    await symlink(path, link)
    await rename(link, path)
  }

  async open() {
    const opened = await TrustedFolder.open({
      folder: this.folder,
      kind: 'index',
      tickets: 'tickets of index servers',
      owners: 'index servers',
      filesMax: FILES_MAX,
      clock: this.clock,
      onComplaint: (sentence) => void this.complaints.push(sentence),
    })
    if (!opened.ok) throw new Error(opened.error.message)
    const trusted = opened.value
    onTestFinished(() => trusted.close())
    return {
      /** The files that count, when the folder was read once more. */
      names: async (): Promise<string[]> => {
        await trusted.refresh()
        return trusted.files.map(({ name }) => name)
      },
      /** Lets the folder be read by the clock, which also complains. */
      poll: async (): Promise<void> => {
        const read = new Promise<void>((resolve) => (trusted.onRead = resolve))
        this.clock.advance(POLL_MS)
        await read
        await trusted.refresh()
      },
    }
  }
}

describe('a folder of trusted tickets', () => {
  it('CLI-5 trusts as before while it cannot be read, says why, and trusts nobody when it is gone', async () => {
    const place = await Place.with('a', 'b')
    const { names, poll } = await place.open()
    await place.putLoop(place.folder)
    expect(await names()).toEqual(['a', 'b'])
    await poll()
    expect(place.complaints).toEqual([
      expect.stringMatching(/cannot be read: its symbolic links .*those trusted before stay trusted/),
    ])
    await unlink(place.folder)
    expect(await names()).toEqual([])
    await poll()
    expect(place.complaints.at(-1)).toMatch(/there is none. Make it, even if empty/)
    await symlink(`${place.folder}.real`, place.folder)
    expect(await names()).toEqual(['a', 'b'])
  })

  it('CLI-5 believes a file as before while it cannot be read, and no more when it is gone', async () => {
    const place = await Place.with('a', 'b')
    const { names, poll } = await place.open()
    for (const name of ['b', 'c']) await place.putLoop(place.at(name))
    expect(await names()).toEqual(['a', 'b'])
    await poll()
    expect(place.complaints).toContainEqual(
      expect.stringMatching(/c cannot be read: .*Until it can be, it is left out/),
    )
    await unlink(place.at('b'))
    expect(await names()).toEqual(['a'])
  })

  it('keeps the first files by name when it holds too many, and says so', async () => {
    const place = await Place.with('b', 'c', 'd')
    const { names, poll } = await place.open()
    await writeFile(place.at('README'), 'Put tickets here.')
    await writeFile(place.at('a'), TICKET)
    expect(await names()).toEqual(['a', 'b'])
    await poll()
    expect(place.complaints).toContainEqual(expect.stringMatching(/holds more than 3 files: only the first/))
  })

  it('is read although a named pipe lies in it, which nobody writes to', async () => {
    const place = await Place.with('a')
    execFileSync('mkfifo', [place.at('pipe')])
    const { names } = await place.open()
    expect(await names()).toEqual(['a'])
    expect(place.complaints).toEqual([
      expect.stringMatching(/pipe is no file\. It is left out: only tickets/),
    ])
  })
})
