// The first release's tutorial, line by line, as processes: every command of its text in its order, and what the
// text shows below it. Keys and ports are this run's. Where the text contradicts itself, or cannot be followed to
// the letter, CORRECTIONS says which line it is, and why.

import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDocument } from '../../protocol/forms.ts'
import { DONE, run, type Outcome, type RunningProgram } from '../support/program.ts'
import { stepsOf, type Step } from '../support/tutorial-text.ts'
import { says, Tutorial } from '../support/tutorial.ts'

const TEXT = readFileSync(join(import.meta.dirname, 'tutorial.txt'), 'utf8')
/** Of the text as it was published: nobody adapts it to the programs. */
const TEXT_SHA256 = 'b51aa74ede165a2dd3d4c495f96272aa5c796ada7ad1ee991c247d025aca9ff6'
const STEPS = stepsOf(TEXT)
/** Commands with something shown below them. */
const SHOWN = 19
/** From here on the text runs servers of its own, at the ports of those that it had used so far. */
const OWN_SERVERS_LINE = 460
/** Here it first uses a server, which somebody else runs. */
const FIRST_SERVER_LINE = 136
/** Here it wants "a few trusted index servers tickets" in the folder made before (line 500). */
const OTHERS_TICKETS_LINE = 506
/** Here the owner of the other index server has got the ticket of ours (line 511). */
const OWN_TICKET_SENT_LINE = 513

interface Correction {
  readonly why: string
  /** What is wrong in the command, as the program says it; `command` is what is run after that. */
  readonly refused?: { readonly code: number; readonly error: RegExp }
  readonly command?: (command: string) => string
  readonly output?: (output: string) => string
}

const START_BALANCE = 'the text forgets that node1 owes 100 from the start (lines 254 and 262)'

const CORRECTIONS: Readonly<Record<number, Correction>> = {
  120: {
    why: 'the text shows the output in a sentence, four lines below',
    output: () => 'No configured friends.\n',
  },
  143: {
    why: 'the relay was called my_relay when it was added (line 137)',
    output: (output) => output.replace('relay0  ', 'my_relay'),
  },
  184: {
    why: 'the index server was called my_index when it was added (line 180)',
    output: (output) => output.replace('index0 (*)  ', 'my_index (*)'),
  },
  244: {
    why: "ours also carries the card's name, which other programs show",
    output: (output) => output.replace('\n', '\nname = "node0"\n'),
  },
  287: { why: 'the friends need a moment to meet; the table is right' },
  399: { why: START_BALANCE, output: () => '100\n' },
  415: { why: START_BALANCE, output: () => '50\n' },
  417: { why: START_BALANCE, output: () => '-50\n' },
  456: { why: START_BALANCE, output: () => '110\n' },
  458: { why: START_BALANCE, output: () => '-110\n' },
  484: {
    why: 'node0 has a relay my_relay already (line 136), and the ticket lies in relay/ (line 478)',
    refused: { code: 1, error: /There is no file relay\.ticket/ },
    command: (command) =>
      command.replace('my_relay', 'own_relay').replace('relay.ticket', 'relay/relay.ticket'),
  },
  526: {
    why: 'node0 has an index server my_index already (line 179)',
    refused: { code: 1, error: /There is another index server "my_index"/ },
    command: (command) => command.replace('my_index', 'own_index'),
  },
}

/** Whose keys the text shows, and which ticket of ours names that key. */
const KEYS: Readonly<Record<string, string>> = {
  TiTqXCEMBDoAyseEiw8t6r3L7do_k0iXOU1_rk4ERqw: 'node0/node0.ticket',
  bUoWZEEInqjDdw8TOBlpY0zpHF7hjLMAX_DdPrTI9y8: 'node1/node1.ticket',
  Brvo3Fo0O2svzU1rFdcBL6FtLVNL6b8xJNAWgZc7ll0: 'my_relay.ticket',
  LMncLsod0HGDG66kEJJ3kki68CAGfjDsPTdGdLsyD5M: 'my_index.ticket',
}

const tutorial = new Tutorial()
const folder = join(tutorial.folder, 'my_offst')
/** Stand for the ports of the text. */
const ports = new Map<string, number>()
const running = new Map<string, RunningProgram>()

beforeAll(async () => {
  const taken = new Set<number>()
  const names = ['9500', '9501', '8000', '9000', '7000', 'own 8000', 'own 9000', 'own 7000']
  for (const name of names) ports.set(name, await freePort(taken))
})
afterAll(() => tutorial.end())

/** A port of four digits, so that the tables are as wide as the text's. */
async function freePort(taken: Set<number>): Promise<number> {
  for (let port = 9_999; port > 1_024; port--) {
    if (taken.has(port)) continue
    taken.add(port)
    const server = createServer()
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (isFree !== true) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error('no port of four digits is free')
}

function portOf(port: string, line: number): number {
  return (line > OWN_SERVERS_LINE ? ports.get(`own ${port}`) : undefined) ?? ports.get(port) ?? 0
}

/** The text's words with this run's keys and ports. */
function translate(text: string, line: number): string {
  const withPorts = text.replace(
    /127\.0\.0\.1:(\d{4})/g,
    (_, port: string) => `127.0.0.1:${portOf(port, line)}`,
  )
  return Object.entries(KEYS).reduce(
    (done, [key, path]) => (done.includes(key) ? done.replaceAll(key, keyIn(path)) : done),
    withPorts,
  )
}

function keyIn(path: string): string {
  const document = readDocument(readFileSync(join(folder, path), 'utf8'))
  if (!document.ok || !('ticket' in document.value)) throw new Error(`${path} is no ticket`)
  return document.value.ticket.publicKey
}

/** Runs a command of the text, or does what the shell did. */
function perform(command: string): Outcome {
  const [program, path = ''] = command.split(' ')
  if (command === 'mkdir my_offst') mkdirSync(folder)
  else if (program === 'mkdir') mkdirSync(join(folder, path))
  else if (program === 'cat') return { ...DONE, out: readFileSync(join(folder, path), 'utf8') }
  else if (program !== 'cd') return run(folder, command)
  return DONE
}

async function start(name: string, command: string): Promise<void> {
  const program = tutorial.start(command, folder)
  await program.says(/listens on/)
  running.set(name, program)
}

/** The relay and the index server of "somebody", whose tickets the text presupposes. */
async function startSomebodysServers(): Promise<void> {
  const [relay, index, servers] = ['8000', '9000', '7000'].map((port) => translate(`127.0.0.1:${port}`, 0))
  await start('relay', `strelay --idfile somebody0.ident --laddr ${relay} --output my_relay.ticket`)
  perform('mkdir somebody_trusted')
  await start(
    'index',
    `stindex --idfile somebody1.ident --lclient ${index} --lserver ${servers} --trusted somebody_trusted --output my_index.ticket`,
  )
  expect(
    perform(`stmgr index-ticket --idfile somebody1.ident --address ${servers} --output somebody.ticket`),
  ).toEqual(DONE)
}

/** What the text says beside its commands: two owners of index servers exchange tickets. */
function exchangeTickets(line: number): void {
  const copy = (from: string, to: string): void => copyFileSync(join(folder, from), join(folder, to))
  if (line === OTHERS_TICKETS_LINE) copy('somebody.ticket', 'index/trusted/somebody.ticket')
  if (line === OWN_TICKET_SENT_LINE) copy('index_server.ticket', 'somebody_trusted/index_server.ticket')
}

async function follow(step: Step): Promise<void> {
  const { line, isBackground } = step
  const correction = CORRECTIONS[line]
  const asWritten = translate(step.command, line)
  if (correction?.refused !== undefined) {
    const refused = perform(asWritten)
    expect(refused).toMatchObject({ code: correction.refused.code, out: '' })
    expect(refused.error).toMatch(correction.refused.error)
  }
  const command = correction?.command?.(asWritten) ?? asWritten
  if (isBackground) return start(`line ${line}`, command)
  const shown = correction?.output?.(step.output) ?? step.output
  const expected: Outcome = { code: 0, out: translate(shown, line), error: '' }
  let outcome = perform(command)
  // What friends and servers have to hear of takes a moment. Only looking is done again.
  for (let left = 50; left > 0 && / info /.test(command) && outcome.out !== expected.out; left--) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    outcome = perform(command)
  }
  expect(outcome).toEqual(expected)
}

describe('the text of the tutorial', () => {
  it('is the one that was published, and all of its commands are found', () => {
    expect(createHash('sha256').update(TEXT).digest('hex')).toBe(TEXT_SHA256)
    const commands = TEXT.split('\n').filter((line) => /^(\$ |strelay |stindex |mkdir )/.test(line))
    expect(STEPS.length).toBe(commands.length)
    expect(STEPS.filter(({ output }) => output !== '').length).toBe(SHOWN)
    expect(Object.keys(CORRECTIONS).map(Number)).toEqual(
      STEPS.map(({ line }) => line).filter((line) => line in CORRECTIONS),
    )
  })
})

describe('CLI-12 the tutorial', () => {
  it.each(STEPS.map((step) => [step.line, step.command, step] as const))(
    'line %d: %s',
    async (line, _, step) => {
      if (line === FIRST_SERVER_LINE) await startSomebodysServers()
      exchangeTickets(line)
      await follow(step)
    },
  )

  it('CLI-9 pays no invoice twice: the same command again says so, and writes the same receipt', () => {
    const again = control(1, 'funds pay-invoice -i bananas.invoice -r again.receipt')
    expect(again).toMatchObject({ code: 0, error: '' })
    expect(again.out).toMatch(/^Paid before, on [-0-9]{10} [0-9:]{5} UTC: nothing was paid now\.\nFees: 0\n$/)
    const [first, second] = ['bananas.receipt', 'again.receipt'].map((path) =>
      readFileSync(join(folder, path), 'utf8'),
    )
    expect(second).toBe(first)
    expect(control(1, 'info balance')).toEqual(says('-110'))
  })

  it('CLI-7 stops when it is asked, or is killed right after a payment, and has forgotten nothing', async () => {
    const [node0, node1] = STEPS.filter(({ command }) => command.startsWith('stnode '))
    expect(await running.get(`line ${node0?.line}`)?.ends('SIGTERM')).toBe(0)
    expect(running.get(`line ${node0?.line}`)?.lines.at(-1)).toBe('The node has stopped.')
    await follow(node0!)
    expect(control(0, 'info balance')).toEqual(says('110'))
    await until(1, 'info friends', (out) => out.includes('| E+ | node0 |'))
    const pay = `funds send-funds -a 5 -d ${keyIn('node0/node0.ticket')}`
    expect(control(1, pay)).toEqual(says('Payment successful!', 'Fees: 0'))
    await running.get(`line ${node1?.line}`)?.ends('SIGKILL')
    await follow(node1!)
    expect(control(1, 'info balance')).toEqual(says('-115'))
    await until(0, 'info balance', (out) => out === '115\n')
  })

  it('IDX-19 pays over both index servers: each node tells only one of them, and asks only that one', async () => {
    await running.get(`line ${OWN_TICKET_SENT_LINE}`)?.says(/^somebody\.ticket: connected/)
    expect(control(0, 'config remove-index -n my_index')).toEqual(DONE)
    const ownIndex = `http://${translate('127.0.0.1:9000', OWN_TICKET_SENT_LINE)}/healthz`
    const nodes = async (): Promise<number> =>
      ((await (await fetch(ownIndex)).json()) as { nodes: number }).nodes
    while ((await nodes()) < 2) await new Promise((resolve) => setTimeout(resolve, 100))
    const pay = `funds send-funds -a 4 -d ${keyIn('node1/node1.ticket')}`
    expect(control(0, pay)).toEqual(says('Payment successful!', 'Fees: 0'))
    expect(control(0, 'info balance')).toEqual(says('111'))
    await until(1, 'info balance', (out) => out === '-111\n')
  })
})

function control(number: number, command: string): Outcome {
  const [app, node] = [`app${number}/app${number}.ident`, `node${number}/node${number}.ticket`]
  return run(folder, `stctrl -I ${app} -T ${node} ${command}`)
}

async function until(number: number, command: string, isSo: (out: string) => boolean): Promise<void> {
  for (let left = 150; left > 0 && !isSo(control(number, command).out); left--) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(control(number, command).out).toSatisfy(isSo)
}
