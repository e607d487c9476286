// Room for more in a typed array.

interface Words<T> {
  readonly length: number
  set(source: T): void
}

/** A copy that is a quarter longer: a big graph never has room for much more than it keeps. */
export function grown<T extends Words<T>>(array: T): T {
  const copy = new (array.constructor as new (length: number) => T)(Math.ceil(array.length * 1.25))
  copy.set(array)
  return copy
}
