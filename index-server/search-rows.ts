// What a search knows of the nodes that it reached, in rows: they count from 0 in each search, so that all of them are
// close together in memory, however large the graph is.

import { NONE, type Node } from './graph.ts'
import { grown } from './grown.ts'

/** Number of what a search knows of a node. */
export type Row = number
/** Which of the two ends of a search it is that knows something. */
export type End = 0 | 1

const FIRST_ROWS = 1_024
/** Words of a row: what both ends know, side by side, since a search asks for most of it. */
const FIELDS = 8
/** Words of what one end knows, of which a distance has two. */
const END_FIELDS = 4
const STATE = 0
const ARC = 1
const DISTANCE = 2

const UNKNOWN = 0
const REACHED = 1
const SETTLED = 2

export class SearchRows {
  /** The node's row, if that is a row of this node; since nothing here is ever taken back. */
  #byNode = new Int32Array(0)
  #nodes = new Int32Array(FIRST_ROWS)
  #words = new Int32Array(FIRST_ROWS * FIELDS)
  #distances = new Float64Array(this.#words.buffer)
  #count = 0

  /** Forgets all. @param nodeBound node numbers are below this. */
  begin(nodeBound: number): void {
    if (nodeBound > this.#byNode.length) this.#byNode = new Int32Array(Math.ceil(nodeBound * 1.25))
    this.#count = 0
  }

  /** The row of a node, or NONE when nothing is known of it. */
  find(node: Node): Row {
    const row = this.#byNode[node] as number
    return row < this.#count && this.#nodes[row] === node ? row : NONE
  }

  /** The row of a node, from now on. */
  take(node: Node): Row {
    const known = this.find(node)
    if (known !== NONE) return known
    const row = this.#count++
    if (row === this.#nodes.length) this.#grow()
    this.#byNode[node] = row
    this.#nodes[row] = node
    const first = row * FIELDS
    this.#words[first + STATE] = this.#words[first + END_FIELDS + STATE] = UNKNOWN
    return row
  }

  node(row: Row): Node {
    return this.#nodes[row] as number
  }

  /** Whether the end has reached the node, and perhaps settled it. Of no row it has not. */
  isReached(row: Row, end: End): boolean {
    return row !== NONE && this.#words[row * FIELDS + end * END_FIELDS + STATE] !== UNKNOWN
  }

  isSettled(row: Row, end: End): boolean {
    return row !== NONE && this.#words[row * FIELDS + end * END_FIELDS + STATE] === SETTLED
  }

  reach(row: Row, end: End, distance: number, arc: number): void {
    const first = row * FIELDS + end * END_FIELDS
    this.#words[first + STATE] = REACHED
    this.#words[first + ARC] = arc
    this.#distances[(first + DISTANCE) / 2] = distance
  }

  settle(row: Row, end: End): void {
    this.#words[row * FIELDS + end * END_FIELDS + STATE] = SETTLED
  }

  /** Only of what was reached. */
  distance(row: Row, end: End): number {
    return this.#distances[(row * FIELDS + end * END_FIELDS + DISTANCE) / 2] as number
  }

  /** Over which the end has reached the node: see `Arc`. */
  arc(row: Row, end: End): number {
    return this.#words[row * FIELDS + end * END_FIELDS + ARC] as number
  }

  #grow(): void {
    this.#nodes = grown(this.#nodes)
    const words = new Int32Array(this.#nodes.length * FIELDS)
    words.set(this.#words)
    this.#words = words
    this.#distances = new Float64Array(words.buffer)
  }
}
