// `npm run sim`: builds the simulator (test/simulation) and runs it with the arguments that were given.

import { join } from 'node:path'
import { checkNode, install, ROOT, run, runMain, Stop } from './tools.js'

/** Out of the way of the programs; not packed. */
const BUILT = 'dist/simulator'

await runMain(async () => {
  checkNode()
  await install()
  await bundle()
  const program = join(ROOT, BUILT, 'sim.child.js')
  return await run(process.execPath, ['--enable-source-maps', program, ...process.argv.slice(2)])
})

async function bundle() {
  const { build } = await import('vite')
  try {
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['classic-level'] },
      build: { ssr: 'test/simulation/sim.child.ts', outDir: BUILT, target: 'node20', sourcemap: true },
    })
  } catch (error) {
    throw new Stop(`the simulator cannot be built: ${error.message}`)
  }
}
