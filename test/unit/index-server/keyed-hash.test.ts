import { expect, it } from 'vitest'
import { KeyedHash } from '../../../index-server/keyed-hash.ts'

/** The bytes 0, 1, 2 and so on, and the word with the length that the function ends with. */
function message(length: number): Int32Array {
  const bytes = Uint8Array.from({ length }, (_, i) => i)
  return Int32Array.from([...new Int32Array(bytes.buffer), length << 24])
}

it('IDX-28 the hash of tables is HalfSipHash-1-3, by the vectors of the Linux kernel', () => {
  const hash = new KeyedHash(0x07060504_03020100n)
  const vectors = [0, 4, 8, 12].map((length) => {
    return hash.of(message(length)) >>> 0
  })
  expect(vectors).toEqual([0x5814c896, 0x7e059ea6, 0x577999b1, 0x6b28096c])
})
