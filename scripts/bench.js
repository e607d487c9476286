// `npm run bench -- [name…] [--json]`: builds the benchmarks (test/bench) and runs those that were named, or all.

import { runBundled } from './bundle.js'
import { runMain } from './tools.js'

await runMain(() => runBundled('test/bench/bench.child.ts', 'dist/bench', process.argv.slice(2)))
