// Random bytes that are the same in every run of a test.

import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Random } from '../../protocol/transport.ts'

export function seededRandom(seed: string): Random {
  let counter = 0
  return (size) => {
    const blocks: Uint8Array[] = []
    for (let made = 0; made < size; made += 32) blocks.push(sha256(utf8ToBytes(`${seed}/${counter++}`)))
    return concatBytes(...blocks).slice(0, size)
  }
}
