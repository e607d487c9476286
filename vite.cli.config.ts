// Builds the programs: cli/*.ts into dist/cli/*.js for Node 20, with the run-time dependencies left outside.
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'

interface PackageFile {
  readonly bin: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

const root = import.meta.dirname
const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageFile
const programs = Object.keys(packageFile.bin)
const present = programs.filter((name) => existsSync(join(root, 'cli', `${name}.ts`)))

for (const name of programs) {
  if (!present.includes(name)) process.stderr.write(`cli/${name}.ts is missing: not built\n`)
}

export default defineConfig({
  root,
  publicDir: false,
  plugins: [
    {
      name: 'make-programs-executable',
      writeBundle({ dir }, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === 'chunk' && chunk.isEntry && dir !== undefined) {
            chmodSync(join(dir, chunk.fileName), 0o755)
          }
        }
      },
    },
  ],
  ssr: { noExternal: true, external: Object.keys(packageFile.dependencies) },
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist/cli',
    emptyOutDir: true,
    rolldownOptions: {
      input: Object.fromEntries(present.map((name) => [name, join(root, 'cli', `${name}.ts`)])),
      output: {
        format: 'es',
        entryFileNames: '[name].js',
        chunkFileNames: 'lib/[name]-[hash].js',
        // rolldown keeps the first line of an entry that has one of its own.
        banner: (chunk) => (chunk.isEntry && !hasHashbang(chunk.facadeModuleId) ? '#!/usr/bin/env node' : ''),
      },
    },
  },
})

function hasHashbang(path: string | null): boolean {
  return path !== null && readFileSync(path, 'utf8').startsWith('#!')
}
