// The certificate of a server: what is refused at the start, and what happens when its files change.

import { watch } from 'node:fs'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Certificate, type Pair } from '../../../../cli/operation/certificate.ts'
import { Log } from '../../../../cli/operation/log.ts'
import { systemClock } from '../../../../cli/system.ts'
import type { Clock } from '../../../../protocol/transport.ts'
import { makeCertificate } from '../../../support/certificate.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const [first, second] = [makeCertificate('first'), makeCertificate('second')]

async function write(folder: string, { cert, key }: Pair): Promise<void> {
  await writeFile(join(folder, 'key.pem'), key)
  await writeFile(join(folder, 'cert.pem'), cert)
}

async function open(folder: string, clock: Clock = systemClock) {
  const lines: string[] = []
  const told = (line: string): void => void lines.push(line)
  const log = new Log({ format: 'text', program: 'test', clock, write: told, complain: told })
  const certificate = await Certificate.open({
    certPath: join(folder, 'cert.pem'),
    keyPath: join(folder, 'key.pem'),
    clock,
    log,
  })
  if (certificate.ok) onTestFinished(() => certificate.value.close())
  return { certificate, lines }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('certificate', () => {
  it('says what is wrong with its files', async () => {
    const folder = await temporaryFolder()
    const refused = async (): Promise<string> => {
      const { certificate } = await open(folder)
      return certificate.ok ? 'taken' : `${certificate.error.code}: ${certificate.error.message}`
    }
    expect(await refused()).toMatch(/^missingFile: There is no file .*cert\.pem/)
    await write(folder, { cert: 'rubbish', key: first.key })
    expect(await refused()).toMatch(/^badCertificate: .*cert\.pem is no certificate/)
    await write(folder, { cert: first.cert, key: 'rubbish' })
    expect(await refused()).toMatch(/^badCertificate: .*key\.pem holds no private key/)
    await write(folder, { cert: first.cert, key: second.key })
    expect(await refused()).toMatch(/^badCertificate: .*does not belong to/)
    await write(folder, first)
    expect(await refused()).toBe('taken')
  })

  it('warns of one that has expired, and uses it', async () => {
    const folder = await temporaryFolder()
    await write(folder, makeCertificate('old', new Date(Date.now() - 1_000)))
    const { certificate, lines } = await open(folder)
    expect(certificate.ok).toBe(true)
    expect(lines.join()).toContain('has expired')
  })

  it('knows for whom it is', async () => {
    const folder = await temporaryFolder()
    await write(folder, first)
    const { certificate } = await open(folder)
    const hosts = ['localhost', '127.0.0.1', '127.0.0.2', 'relay.example.org']
    expect(certificate.ok && hosts.map((host) => certificate.value.covers(host))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('CLI-25 takes a new pair that is put in its place by links, as programs that renew certificates do', async () => {
    const folder = await temporaryFolder()
    for (const [name, pair] of Object.entries({ first, second })) {
      await mkdir(join(folder, name))
      await write(join(folder, name), pair)
    }
    for (const file of ['cert.pem', 'key.pem']) await symlink(join('first', file), join(folder, file))
    const { certificate } = await open(folder)
    if (!certificate.ok) throw new Error(certificate.error.message)
    const taken: Pair[] = []
    certificate.value.onChanged((pair) => void taken.push(pair))
    for (const file of ['cert.pem', 'key.pem']) {
      await symlink(join('second', file), join(folder, `${file}.new`))
      await rename(join(folder, `${file}.new`), join(folder, file))
    }
    await until(() => taken.length > 0)
    expect(taken).toEqual([second])
  })

  it('CLI-25 takes a new pair although something else in its folder changes all the time', async () => {
    const folder = await temporaryFolder()
    await write(folder, first)
    const clock = new VirtualClock(Date.now())
    const { certificate } = await open(folder, clock)
    if (!certificate.ok) throw new Error(certificate.error.message)
    const taken: Pair[] = []
    certificate.value.onChanged((pair) => void taken.push(pair))
    await write(folder, second)
    const watcher = watch(folder)
    onTestFinished(() => watcher.close())
    for (let count = 0; count < 100 && taken.length === 0; count++) {
      const changed = new Promise((resolve) => watcher.once('change', resolve))
      await writeFile(join(folder, 'access.log'), String(count))
      await changed
      // Too short for what has changed to settle.
      clock.advance(400)
    }
    expect(taken).toEqual([second])
  })

  it('CLI-25 keeps the one that works when the new pair does not, and says so once', async () => {
    const folder = await temporaryFolder()
    await write(folder, first)
    const { certificate, lines } = await open(folder)
    await writeFile(join(folder, 'cert.pem'), second.cert)
    await until(() => lines.some((line) => line.includes('certificateRefused')))
    expect(certificate.ok && certificate.value.pair).toEqual(first)
    await writeFile(join(folder, 'key.pem'), second.key)
    await until(() => lines.some((line) => line.includes('certificateReloaded')))
    expect(certificate.ok && certificate.value.pair).toEqual(second)
    expect(lines.filter((line) => line.includes('certificateRefused'))).toHaveLength(1)
  })
})
