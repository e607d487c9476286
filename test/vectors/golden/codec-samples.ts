// Golden samples of one codec: values with names, and what says that they are complete.

import { gapsIn, type Shape } from './shape.ts'

interface Codec<T> {
  readonly encode: (value: T) => Uint8Array
  /** @throws {Error} for what is not an encoded value. */
  readonly decode: (bytes: Uint8Array) => T
}

/** For whoever need not know the type. */
export interface CodecSamples {
  readonly names: readonly string[]
  readonly valueOf: (name: string) => unknown
  readonly encode: (name: string) => Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
  /** Fields, kinds and reasons that no sample has. */
  readonly gaps: (name: string) => string[]
}

export function samplesOf<T>(group: {
  readonly coder: Codec<T>
  readonly shape: Shape<T>
  readonly samples: Readonly<Record<string, T>>
}): CodecSamples {
  const { coder, shape, samples } = group
  const valueOf = (name: string): T => {
    if (!Object.hasOwn(samples, name)) throw new Error(`there is no sample "${name}"`)
    return samples[name] as T
  }
  return {
    names: Object.keys(samples),
    valueOf,
    encode: (name) => coder.encode(valueOf(name)),
    decode: (bytes) => coder.decode(bytes),
    gaps: (name) => gapsIn(name, shape, Object.values(samples)),
  }
}
