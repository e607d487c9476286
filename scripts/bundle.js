// Builds a program of test/ that is not shipped (the simulator, the benchmarks) and runs it.

import { join } from 'node:path'
import { checkNode, install, ROOT, run, Stop } from './tools.js'

/**
 * @param entry the program, below the root; its name ends in `.child.ts`
 * @param folder where it is built: below dist/, out of the way of what is packed
 * @param {string[]} options of the program
 * @returns its exit code
 */
export async function runBundled(entry, folder, options) {
  checkNode()
  await install()
  const { build } = await import('vite')
  try {
    await build({
      root: ROOT,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['classic-level'] },
      build: { ssr: entry, outDir: folder, target: 'node20', sourcemap: true },
    })
  } catch (error) {
    throw new Stop(`${entry} cannot be built: ${error.message}`)
  }
  const program = join(ROOT, folder, entry.replace(/^.*\//, '').replace(/\.ts$/, '.js'))
  // What benchmarks say of memory would be garbage without a way to collect it.
  return await run(process.execPath, ['--enable-source-maps', '--expose-gc', program, ...options])
}
