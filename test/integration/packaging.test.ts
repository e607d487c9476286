// What `npm pack` gives, installed into an empty folder as a stranger would: how big it is and what comes with it, that
// every program runs, and that the client library is there with its types.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
/** docs/ARCHITECTURE.md promises both. */
const UNPACKED_BYTES_MAX = 3_000_000
const PACKAGES_MAX = 26
/** The compiler reads all of the platform's own types. */
const TSC_MS_MAX = 180_000

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
  bin: Record<string, string>
  dependencies: Record<string, string>
}
const folder = mkdtempSync(join(tmpdir(), 'offst-packed-'))
const home = join(folder, 'empty')
let packed: Packed

beforeAll(() => {
  // It was built just before: `prepack` would do that again.
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder]
  const [first] = JSON.parse(npm(ROOT, ...pack)) as Packed[]
  packed = first!
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
  const tarball = join(folder, packed.filename)
  npm(home, 'install', '--no-audit', '--no-fund', '--omit=dev', '--prefer-offline', tarball)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('holds the built wallet, programs and library, and is small', () => {
  const paths = packed.files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/web/index.html',
      'dist/cli/offst.js',
      'docs/APPS.md',
      'LICENSE',
      'README.md',
    ]),
  )
  const tops = new Set(paths.map((path) => path.split('/').slice(0, 2).join('/')))
  expect([...tops].filter((top) => /^(dist\/simulator|test|scripts|web|worker|cli)\b/.test(top))).toEqual([])
  expect(packed.unpackedSize).toBeLessThan(UNPACKED_BYTES_MAX)
})

it('brings few packages along, each once, and none that only builds', () => {
  const names = installed()
  process.stdout.write(
    `packed ${kilobytes(packed.size)}, unpacked ${kilobytes(packed.unpackedSize)}, ` +
      `${Object.keys(manifest.dependencies).length} dependencies, ${names.length} packages with theirs\n`,
  )
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)))
  expect(names.filter((name) => /svelte|vite|dexie|typescript|playwright|eslint/.test(name))).toEqual([])
  expect(names.length).toBeLessThanOrEqual(PACKAGES_MAX)
  // Nested folders would be second versions.
  const nested = readdirSync(join(home, 'node_modules'), { recursive: true, encoding: 'utf8' })
  expect(nested.filter((path) => /.node_modules$/.test(path))).toEqual([])
})

it.each(Object.keys(manifest.bin))('runs %s', (name) => {
  const help = npx(name, '--help')
  expect(help).toMatchObject({ status: 0, stderr: '' })
  expect(help.stdout).toContain(name)
})

it('says its version with `npx offst --version`', () => {
  expect(npx('offst', '--version')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(manifest.version),
  })
})

it('serves the wallet with `npx offst up`', async () => {
  const up = spawn(join(home, 'node_modules/.bin/offst'), [
    'up',
    '--port',
    '0',
    '--data',
    join(folder, 'keys'),
  ])
  try {
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: up.stdout }).on('line', (line) => {
        const [found] = /http:\/\/[^\s]+/.exec(line) ?? []
        if (found !== undefined) resolve(found)
      })
      up.on('exit', () => reject(new Error('it has ended')))
    })
    const health = await fetch(new URL('/healthz', url))
    expect(health.status).toBe(200)
    const wallet = await fetch(url)
    expect(wallet.status).toBe(200)
    expect(await wallet.text()).toContain('<script type="module"')
  } finally {
    up.kill('SIGTERM')
  }
  const [code] = (await once(up, 'exit')) as [number | null]
  expect(code).toBe(0)
})

const CONSUMER = `
import { createIdentity, appTicketOf, openCard, unwrap, type InvoiceView, type Result } from 'offst/client'

export const ticket: string = unwrap(appTicketOf(createIdentity(), ['sell']))

export async function sell(node: string): Promise<bigint> {
  const card = unwrap(await openCard({ ticket: node, identity: createIdentity() }))
  const invoice: Result<InvoiceView> = await card.createInvoice({ amount: 60n })
  const quote = unwrap(await card.call('payments.quote', { invoice: unwrap(invoice).text }))
  return BigInt(quote.fees)
}
`

it(
  'gives the client library with its types',
  () => {
    writeFileSync(join(home, 'right.ts'), CONSUMER)
    // Were the types lost, everything would be allowed.
    const wrong = CONSUMER.replace('60n', "'60'").replace('invoice: unwrap', 'bill: unwrap')
    writeFileSync(join(home, 'wrong.ts'), wrong)
    const complaints = tsc('right.ts', 'wrong.ts')
    expect(complaints).toContain("Type 'string' is not assignable to type 'bigint'")
    expect(complaints).toContain("'bill' does not exist")
    expect(
      complaints.split('\n').filter((line) => /^[^ ].*error/.test(line) && !line.startsWith('wrong.ts')),
    ).toEqual([])
  },
  TSC_MS_MAX,
)

it('gives the client library to programs under Node.js', () => {
  const use =
    "import { createIdentity, openCard } from 'offst/client'; console.log(createIdentity(), typeof openCard)"
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', use], {
    cwd: home,
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/^private_key = "[\w-]{43}"\n function\n$/)
  expect(status).toBe(0)
})

it('gives browsers a client library without anything of Node.js', () => {
  const packages = new Set<string>()
  const seen = new Set([join(home, 'node_modules/offst/dist/client/client/index.js')])
  for (const file of seen) {
    const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^'"]* from ['"]([^'"]+)/gm)
    for (const [, to = ''] of imports) {
      if (to.startsWith('.')) seen.add(join(dirname(file), to))
      else packages.add(to)
    }
  }
  const known = /^(@noble|@scure|micro-packed|smol-toml|valibot)\b/
  expect([...packages].filter((name) => !known.test(name))).toEqual([])
  expect(packages).toContain('valibot')
})

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function npx(name: string, ...args: string[]) {
  return spawnSync(join(home, 'node_modules/.bin', name), args, { cwd: home, encoding: 'utf8' })
}

/** What the compiler complains about in programs that use the library, and in all its declarations. */
function tsc(...files: string[]): string {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const options = '--noEmit --strict --skipDefaultLibCheck --module nodenext --target es2022 --lib es2023,dom'
  const args = [compiler, ...options.split(' '), ...files]
  return spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' }).stdout
}

/** Names of the packages that were installed with ours. */
function installed(): string[] {
  const lock = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8')) as { packages: object }
  const names = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ''))
  return names.filter((name) => name !== '' && name !== 'offst')
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1_000)} kB`
}
