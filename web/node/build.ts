// The age of this page's code, set by the build: a page of a newer build replaces a worker of an older one.

/** Milliseconds since 1970 at which the wallet was built; 0 in development. */
export const BUILD = Number(import.meta.env.VITE_BUILD ?? 0)
