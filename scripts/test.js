// `npm test`: from a fresh clone to one line that counts every test. Stages run one after the other;
// `npm test -- --only unit,tidy` runs some of them.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getChromium } from './chromium.js'
import { getPython } from './python.js'
import { build, checkNode, install, ROOT, run, runMain, Stop } from './tools.js'

/** Milliseconds after which a stage counts as hung: the whole has 15 minutes. */
const STAGE_MS_MAX = 10 * 60_000

/** Starts nothing, so that the test that needs one is skipped. */
const NO_PYTHON = 'there is no Python'

const ONE_PASSED = { passed: 1, failed: 0, skipped: 0 }
const ONE_FAILED = { passed: 0, failed: 1, skipped: 0 }

/** Every stage in order: what it runs, and which stage must have passed for it to make sense. */
const STAGES = [
  { name: 'types', run: types },
  { name: 'lint', run: () => tool('eslint/bin/eslint.js', ['--max-warnings=0', '.']) },
  { name: 'format', run: () => tool('prettier/bin/prettier.cjs', ['--check', '.']) },
  { name: 'tidy', run: () => vitest('tidy') },
  { name: 'unit', run: () => vitest('unit') },
  { name: 'property', run: () => vitest('property') },
  { name: 'vectors', run: () => vitest('vectors') },
  { name: 'fuzz', run: () => vitest('fuzz') },
  { name: 'simulation', run: () => vitest('simulation') },
  { name: 'build', run: buildAll },
  { name: 'contract', run: () => vitest('contract'), needs: 'build', chromium: true },
  { name: 'integration', run: () => vitest('integration'), needs: 'build', python: true },
  { name: 'browser', run: () => vitest('browser'), needs: 'build', chromium: true },
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
  for (const stage of stages) {
    const started = Date.now()
    console.log(`\n── ${stage.name}`)
    const counts = await runStage(stage, failed)
    if (counts.failed > 0) failed.add(stage.name)
    for (const key of Object.keys(total)) total[key] += counts[key]
    console.log(`── ${stage.name}: ${line(counts)} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  }
  if (failed.size > 0) console.log(`\nfailed: ${[...failed].join(', ')}`)
  return total
}

async function runStage(stage, failed) {
  if (failed.has(stage.needs)) {
    console.log(`not run: ${stage.needs} failed`)
    return ONE_FAILED
  }
  try {
    if (stage.chromium) process.env.CHROMIUM_PATH = await getChromium()
    if (stage.python) process.env.PYTHON_PATH = (await getPython()) ?? NO_PYTHON
    return await stage.run()
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    console.log(error.message)
    return ONE_FAILED
  }
}

async function types() {
  const script = await tool('typescript/bin/tsc', ['--noEmit', '-p', '.'])
  const svelte = await tool('svelte-check/bin/svelte-check', [
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

async function tool(path, args) {
  const code = await run(process.execPath, [join(ROOT, 'node_modules', path), ...args], {
    timeoutMs: STAGE_MS_MAX,
  })
  return code === 0 ? ONE_PASSED : ONE_FAILED
}

/** Runs the tests of one folder and counts them; a file that cannot be loaded counts as a failed test. */
async function vitest(project) {
  const dir = mkdtempSync(join(tmpdir(), 'offst-test-'))
  const report = join(dir, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const exit = await tool('vitest/vitest.mjs', ['run', `--project=${project}`, ...reporters])
    return count(JSON.parse(readFileSync(report, 'utf8')), exit)
  } catch (error) {
    console.log(`no report of the ${project} tests: ${error.message}`)
    return ONE_FAILED
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function count(report, exit) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  }
  if (report.numTotalTests === 0) console.log('there are no tests in this stage')
  const hidden = counts.failed === 0 && (exit.failed > 0 || report.numTotalTests === 0)
  return hidden ? add(counts, ONE_FAILED) : counts
}

function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
