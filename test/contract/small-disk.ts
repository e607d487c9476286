// A disk that can really be full, and have room again, at a moment that a test chooses: a small file system of its
// own where Linux lets us mount one, and a limit on the size of every file that a process writes.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'

export interface SmallDisk {
  readonly folder: string
  /** From now on the process `pid` cannot make a file larger, unless it frees room itself: again takes that as well. */
  fill(pid: number): Promise<void>
  free(pid: number): Promise<void>
}

/** Room of a whole file system: several log files and tables of LevelDB. */
const DISK_KIB = 32_768
const MOUNT = `mount -t tmpfs -o size=${DISK_KIB}k offst "$0" && echo mounted && exec sleep 600`
/** A user namespace of one's own, in which anybody may mount. */
const OWN_NAMESPACE = ['--user', '--map-root-user', '--mount', '--kill-child']

/** The ways in which a disk can be made full on this system, by what the system then says. */
export function smallDisks(): [string, () => Promise<SmallDisk>][] {
  const found: [string, () => Promise<SmallDisk>][] = []
  if (works('unshare', [...OWN_NAMESPACE, 'true'])) found.push(['No space left on device', ownFileSystem])
  if (works('prlimit', ['--pid', String(process.pid)])) found.push(['File too large', limitedFiles])
  if (found.length === 0) throw new Error('unshare and prlimit do not work here: install util-linux')
  return found
}

/** The one that is most like a full disk. */
export async function smallDisk(): Promise<SmallDisk> {
  return smallDisks()[0]![1]()
}

/** A file system in memory, which others reach through the process that has mounted it: no privileges needed. */
async function ownFileSystem(): Promise<SmallDisk> {
  const place = await temporaryFolder()
  const holder = spawn('unshare', [...OWN_NAMESPACE, 'sh', '-c', MOUNT, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    const gone = once(holder, 'exit')
    holder.kill('SIGKILL')
    await gone
  })
  await once(holder.stdout, 'data')
  const folder = join('/proc', String(holder.pid), 'root', place)
  const filler = join(folder, 'filler')
  return {
    folder,
    fill: async () => {
      await appendFile(filler, new Uint8Array(DISK_KIB * 1_024)).catch(() => undefined)
    },
    free: () => rm(filler),
  }
}

async function limitedFiles(): Promise<SmallDisk> {
  const limit = async (pid: number, bytes: string): Promise<void> => {
    // The soft limit alone: what was lowered can be raised again.
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
  }
  return {
    folder: await temporaryFolder(),
    fill: (pid) => limit(pid, '0'),
    free: (pid) => limit(pid, 'unlimited'),
  }
}

function works(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
