// `npm run fuzz -- [--runs N] [--seed TEXT] [--json] [target …]`: mutates the input of every decoder, or of those whose
// names begin as given, and says of each how often it was taken and refused; test/fuzz does the work.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkNode, install, ROOT, run, runMain, Stop } from './tools.js'

const USAGE = 'usage: npm run fuzz -- [--runs N] [--seed TEXT] [--json] [target …]'

await runMain(async () => {
  checkNode()
  const { values, positionals } = options()
  await install()
  const dir = mkdtempSync(join(tmpdir(), 'offst-fuzz-'))
  try {
    const report = join(dir, 'report.jsonl')
    const code = await vitest(values, positionals, report)
    if (!existsSync(report)) throw new Stop('no decoder was fuzzed: is there one of that name?')
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n')
    for (const line of lines) console.log(values.json ? line : sentence(JSON.parse(line)))
    return code
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

function options() {
  const runs = { type: 'string', default: '1000000' }
  const seed = { type: 'string', default: 'offst' }
  const json = { type: 'boolean', default: false }
  try {
    const parsed = parseArgs({ options: { runs, seed, json }, allowPositionals: true })
    if (/^[1-9]\d*$/.test(parsed.values.runs)) return parsed
  } catch {
    // The usage says it better.
  }
  throw new Stop(USAGE)
}

/** Its own output goes beside ours, which is for programs too. */
function vitest({ runs, seed }, targets, report) {
  const args = ['run', '--project=fuzz', '--testNamePattern=^whatever comes']
  return run(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...args], {
    stdio: ['ignore', process.stderr, process.stderr],
    env: {
      ...process.env,
      FUZZ_RUNS: runs,
      FUZZ_SEED: seed,
      FUZZ_TARGETS: targets.join(','),
      FUZZ_REPORT: report,
    },
  })
}

function sentence({ target, runs, accepted, refused, outcomes, violations }) {
  const found = violations.map(
    ({ seed, run, input, message }) =>
      `\n  VIOLATION at seed ${seed}, run ${run}: ${message}\n  input: ${input}`,
  )
  const counts = `${runs} runs, ${accepted} taken, ${refused} refused, ${outcomes} different outcomes`
  return `${target}: ${counts}${found.join('')}`
}
