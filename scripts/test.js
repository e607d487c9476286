// `npm test`: from a fresh clone to one line that counts every test; `npm test -- --only unit,tidy` runs some stages.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getChromium } from './chromium.js'
import { getPython } from './python.js'
import { build, checkNode, install, ROOT, run, runMain, Stop } from './tools.js'
import { newTurns } from './turns.js'

/** Milliseconds after which a stage counts as hung: the whole has 15 minutes. */
const STAGE_MS_MAX = 10 * 60_000

/** Processors to keep busy. A stage that is one program, or waits for much, runs beside another one. */
const PROCESSORS = 2

/** Starts nothing, so that the test that needs one is skipped. */
const NO_PYTHON = 'there is no Python'

/** The stages write to a pipe, but what they write goes to a terminal, if there is one. */
const COLORS = process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {}

const ONE_PASSED = { passed: 1, failed: 0, skipped: 0 }
const ONE_FAILED = { passed: 0, failed: 1, skipped: 0 }

/**
 * Every stage in order: what it runs, how many processors it takes, and which stage must have passed before. The
 * longest of those that take one processor comes before the others, which together take as long.
 */
const STAGES = [
  { name: 'types', takes: 1, run: types },
  { name: 'format', takes: 1, run: (print) => tool(print, 'prettier/bin/prettier.cjs', ['--check', '.']) },
  { name: 'tidy', takes: 1, run: vitest('tidy') },
  { name: 'unit', takes: 2, run: vitest('unit') },
  { name: 'property', takes: 2, run: vitest('property') },
  { name: 'vectors', takes: 2, run: vitest('vectors') },
  { name: 'fuzz', takes: 2, run: vitest('fuzz') },
  { name: 'simulation', takes: 2, run: vitest('simulation') },
  { name: 'build', takes: 2, run: buildAll },
  { name: 'browser', takes: 1, run: vitest('browser'), needs: 'build', chromium: true },
  { name: 'lint', takes: 1, run: (print) => tool(print, 'eslint/bin/eslint.js', ['--max-warnings=0', '.']) },
  { name: 'contract', takes: 1, run: vitest('contract'), needs: 'build', chromium: true },
  { name: 'integration', takes: 1, run: vitest('integration'), needs: 'build', python: true },
]

await runMain(async () => {
  checkNode()
  const stages = chosen(process.argv.slice(2))
  await install()
  const counts = await runStages(stages)
  console.log(line(counts))
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1
})

function chosen(args) {
  if (args.length === 0) return STAGES
  const names = args[0] === '--only' && args.length === 2 ? args[1].split(',') : []
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name))
  if (names.length === 0 || unknown.length > 0) {
    throw new Stop(`usage: npm test [-- --only ${STAGES.map((stage) => stage.name).join(',')}]`)
  }
  return STAGES.filter((stage) => names.includes(stage.name))
}

async function runStages(stages) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const failed = new Set()
  const running = new Map()
  const newTurn = newTurns((text) => process.stdout.write(text))
  for (const stage of stages) {
    while (taken(running) + stage.takes > PROCESSORS) await Promise.race(running.values())
    // What one installs the next one finds: they are made ready one after the other.
    const fault = failed.has(stage.needs) ? `${stage.needs} failed` : await prepare(stage)
    running.set(stage, runInTurn(stage, fault, newTurn()).then(ended))
    function ended(counts) {
      running.delete(stage)
      if (counts.failed > 0) failed.add(stage.name)
      for (const key of Object.keys(total)) total[key] += counts[key]
    }
  }
  await Promise.all(running.values())
  if (failed.size > 0) console.log(`\nfailed: ${[...failed].join(', ')}`)
  return total
}

function taken(running) {
  return [...running.keys()].reduce((sum, stage) => sum + stage.takes, 0)
}

/** Gets what the stage needs; resolves to a sentence when that cannot be had. */
async function prepare(stage) {
  try {
    if (stage.chromium) process.env.CHROMIUM_PATH = await getChromium()
    if (stage.python) process.env.PYTHON_PATH = (await getPython()) ?? NO_PYTHON
    return undefined
  } catch (error) {
    if (error instanceof Stop) return error.message
    throw error
  }
}

async function runInTurn(stage, fault, turn) {
  const started = Date.now()
  turn.say(`\n── ${stage.name}\n`)
  const counts = fault === undefined ? await runStage(stage, turn.say) : notRun(fault, turn.say)
  turn.say(`── ${stage.name}: ${line(counts)} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
  turn.end()
  return counts
}

async function runStage(stage, print) {
  try {
    return await stage.run(print)
  } catch (error) {
    if (error instanceof Stop) return notRun(error.message, print)
    throw error
  }
}

function notRun(why, print) {
  print(`not run: ${why}\n`)
  return ONE_FAILED
}

async function types(print) {
  const script = await tool(print, 'typescript/bin/tsc', ['--noEmit', '-p', '.'])
  const svelte = await tool(print, 'svelte-check/bin/svelte-check', [
    '--tsconfig',
    './tsconfig.json',
    '--fail-on-warnings',
  ])
  return add(script, svelte)
}

async function buildAll() {
  await build()
  return ONE_PASSED
}

async function tool(print, path, args) {
  const code = await run(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
    timeoutMs: STAGE_MS_MAX,
    onOutput: print,
    env: { ...process.env, ...COLORS },
  })
  return code === 0 ? ONE_PASSED : ONE_FAILED
}

/** Runs the tests of one folder and counts them; a file that cannot be loaded counts as a failed test. */
function vitest(project) {
  return async (print) => {
    const dir = mkdtempSync(join(tmpdir(), 'offst-test-'))
    const report = join(dir, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    try {
      const exit = await tool(print, 'vitest/vitest.mjs', ['run', `--project=${project}`, ...reporters])
      return count(JSON.parse(readFileSync(report, 'utf8')), exit, print)
    } catch (error) {
      return notRun(`no report of the ${project} tests: ${error.message}`, print)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

function count(report, exit, print) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  if (report.numTotalTests === 0) print('there are no tests in this stage\n')
  const hidden = counts.failed === 0 && (exit.failed > 0 || report.numTotalTests === 0)
  return hidden ? add(counts, ONE_FAILED) : counts
}

function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
