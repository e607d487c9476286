// The package file and its lock: exact versions, nothing tied to one registry, everything promised is there.

import { expect, it } from 'vitest'
import { readText } from './sources.ts'

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const packageFile = JSON.parse(readText('package.json')) as PackageFile

it('pins every dependency exactly', () => {
  const versions = Object.entries({ ...packageFile.dependencies, ...packageFile.devDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

it('names no registry in the lock file, and a hash for every package', () => {
  const lock = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, Record<string, unknown>>
  }
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
  expect(packages.filter(([, entry]) => 'resolved' in entry).map(([path]) => path)).toEqual([])
  const unhashed = packages.filter(
    ([, entry]) => typeof entry['integrity'] !== 'string' && entry['inBundle'] !== true,
  )
  expect(unhashed.map(([path]) => path)).toEqual([])
})

it('says in the architecture why each dependency is there', () => {
  const architecture = readText('docs/ARCHITECTURE.md')
  const names = Object.keys({ ...packageFile.dependencies, ...packageFile.devDependencies })
  expect(names.filter((name) => !architecture.includes(`\`${name}\``))).toEqual([])
})

it('ships the licence texts', () => {
  expect(readText('LICENSE')).toContain('GNU AFFERO GENERAL PUBLIC LICENSE')
  expect(readText('LICENSE-MIT')).toContain('MIT License')
})
