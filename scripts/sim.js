// `npm run sim`: builds the simulator (test/simulation) and runs it with the arguments that were given.

import { runBundled } from './bundle.js'
import { runMain } from './tools.js'

await runMain(() => runBundled('test/simulation/sim.child.ts', 'dist/simulator', process.argv.slice(2)))
