// Who is whose friend: the shapes of trust networks, and pieces of a real one.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Dice } from './dice.ts'

/** Two friends, by their numbers. */
export type Friendship = readonly [number, number]

export const SHAPES = ['line', 'ring', 'star', 'scaleFree', 'real'] as const
export type Shape = (typeof SHAPES)[number]

/** Trust lines of a real network, seen from the project's folder; where the file is missing, `real` is a scale-free graph. */
const REAL_NETWORK = '../shared/data/ripple-credit-links.txt.gz'

let realNetwork: Map<number, Set<number>> | undefined

/** A connected graph of `size` nodes: each friendship once. */
export function friendships(shape: Shape, size: number, dice: Dice): Friendship[] {
  const nodes = Array.from({ length: size }, (_, node) => node)
  switch (shape) {
    case 'line':
      return nodes.slice(1).map((node) => [node - 1, node])
    case 'ring':
      return size < 3 ? [[0, 1]] : nodes.map((node) => [node, (node + 1) % size])
    case 'star':
      return nodes.slice(1).map((node) => [0, node])
    case 'scaleFree':
      return scaleFree(size, dice)
    case 'real':
      return sampleOfReal(size, dice) ?? scaleFree(size, dice)
  }
}

/** Newcomers befriend one to three nodes, popular ones more likely (Barabási and Albert). */
function scaleFree(size: number, dice: Dice): Friendship[] {
  const made: Friendship[] = [[0, 1]]
  for (let node = 2; node < size; node++) {
    const friends = new Set<number>()
    const wanted = dice.between(1, Math.min(3, node))
    for (let tries = 0; friends.size < wanted && tries < 20; tries++) {
      friends.add(dice.pick(dice.pick(made)))
    }
    for (const friend of friends) made.push([friend, node])
  }
  return made
}

/** A node and those around it, as far as they are needed; undefined where there is no file. */
function sampleOfReal(size: number, dice: Dice): Friendship[] | undefined {
  realNetwork ??= readRealNetwork()
  if (realNetwork === undefined) return undefined
  const numbers = new Map<number, number>([[dice.pick([...realNetwork.keys()]), 0]])
  const made: Friendship[] = []
  for (const account of numbers.keys()) {
    // A hub alone would make every sample a star.
    const around = dice.shuffled([...(realNetwork.get(account) ?? [])]).slice(0, dice.between(1, 4))
    for (const other of around) {
      if (numbers.size < size && !numbers.has(other)) numbers.set(other, numbers.size)
    }
  }
  for (const [account, number] of numbers) {
    for (const other of realNetwork.get(account) ?? []) {
      const otherNumber = numbers.get(other)
      if (otherNumber !== undefined && number < otherNumber) made.push([number, otherNumber])
    }
  }
  return numbers.size === size ? made : undefined
}

function readRealNetwork(): Map<number, Set<number>> | undefined {
  if (!existsSync(REAL_NETWORK)) return undefined
  const links = new Map<number, Set<number>>()
  for (const line of gunzipSync(readFileSync(REAL_NETWORK)).toString().split('\n')) {
    const [a, b] = line.split(' ', 2).map(Number)
    if (a === undefined || b === undefined || a === b) continue
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = links.get(from) ?? new Set()
      links.set(from, known.add(to))
    }
  }
  return links
}
