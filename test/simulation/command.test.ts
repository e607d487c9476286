// `npm run sim` as people and programs call it.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { FederationReport } from './engine/federation/report.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/sim.js')

function sim(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })
  return { code: status, out: stdout, err: stderr }
}

it('adds up what happened in the worlds of its seeds, for programs', () => {
  const { code, out } = sim('--seeds', '1..4', '--steps', '12', '--json')
  const report = JSON.parse(out) as { worlds: number; steps: number; payments: Record<string, number> }
  expect(report).toMatchObject({ seeds: '1..4', worlds: 4, steps: 48, violations: [] })
  const { ordered = 0, paid = 0, failed = 0 } = report.payments
  expect(ordered).toBeGreaterThan(0)
  expect(paid + failed).toBeLessThanOrEqual(ordered)
  expect(code).toBe(0)
})

it('says which share was paid of what the ledgers of a federation allow', () => {
  const size = ['--size', '30', '--steps', '20', '--every', '500']
  const { code, out } = sim('--world', 'federation', '--seeds', '1..1', ...size, '--json')
  const { federation, ...report } = JSON.parse(out) as { cards: number; federation: FederationReport }
  expect(report).toMatchObject({ worlds: 1, cards: 30, steps: 20, violations: [] })
  const { network, ledgers, ordered } = federation
  expect(ordered).toBe(20)
  expect(ledgers.allowed).toBeGreaterThanOrEqual(network.allowed)
  expect(network.allowed).toBeGreaterThan(0)
  expect(network.share).toBe(network.paid / network.allowed)
  expect(code).toBe(network.share >= 0.99 ? 0 : 1)
})

it('tells of a broken program the shortest beginning that shows it, and how to see it again', () => {
  const found = sim('--seeds', '1..1', '--mutant', 'batchAppliedTwice')
  expect(found.code).toBe(1)
  expect(found.out).toMatch(/seed 1 is wrong after \d+ steps:\n {2}card\d+ and card\d+ disagree/)
  const steps = /--replay 1 --steps (\d+)/.exec(found.out)?.[1] ?? 'none'
  const again = sim('--replay', '1', '--steps', steps, '--mutant', 'batchAppliedTwice')
  expect(again.code).toBe(1)
  expect(again.out).toMatch(/ s {2}card\d+ pays .*\n[^]*WRONG: card\d+ and card\d+ disagree/)
})

it.each([
  [['--seeds', '1-4'], /Give seeds as A\.\.B\./],
  [['--seeds', '1..x'], /whole numbers from 0 to 2\^64-1, not "x"/],
  [['--seeds', '4..1'], /Give seeds as A\.\.B, A not after B\./],
  [
    ['--seeds', '1..2', '--world', 'moon'],
    /--world knows line, ring, star, scaleFree, real, federation, not "moon"/,
  ],
  [['--seeds', '1..2', '--moons', '3'], /--moons/],
])('says what is wrong with %j, and how it is used', (args, message) => {
  const { code, err } = sim(...args)
  expect(code).toBe(2)
  expect(err).toMatch(message)
  expect(err).toMatch(/usage: npm run sim/)
})
