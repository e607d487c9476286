// Builds the client library: client/ and what it needs into dist/client, module by module, with the types beside.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run, runMain } from './tools.js'

await runMain(async () => {
  // The compiler leaves what it made of sources that are no more.
  rmSync(join(ROOT, 'dist/client'), { recursive: true, force: true })
  return await run(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.client.json',
  ])
})
