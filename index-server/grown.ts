// Room for more in a typed array.

interface Words<T> {
  readonly length: number
  set(source: T): void
}

/** A copy that is half as long again: what a big graph keeps is never far below what it has room for. */
export function grown<T extends Words<T>>(array: T): T {
  const copy = new (array.constructor as new (length: number) => T)(Math.ceil(array.length * 1.5))
  copy.set(array)
  return copy
}
