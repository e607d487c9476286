// Tables of the command line, drawn with the characters of the tutorial.

/** A cell; several lines are drawn below one another. */
type Cell = readonly string[]

/**
 * Draws a table, a line per element.
 * @param ruler what separates the headings from the rows.
 */
export function drawTable(
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  ruler: '-' | '=',
): string[] {
  const cells = rows.map((row) => row.map((cell): Cell => (typeof cell === 'string' ? [cell] : cell)))
  const widths = headings.map((heading, column) =>
    Math.max(...[[heading], ...cells.map((row) => row[column] ?? [])].flat().map(widthOf)),
  )
  const rule = (character: string): string =>
    `+${widths.map((width) => character.repeat(width + 2)).join('+')}+`
  return [
    rule('-'),
    ...drawRow(
      headings.map((heading) => [heading]),
      widths,
    ),
    rule(ruler),
    ...cells.flatMap((row) => [...drawRow(row, widths), rule('-')]),
  ]
}

function drawRow(cells: readonly Cell[], widths: readonly number[]): string[] {
  const height = Math.max(...cells.map((cell) => cell.length))
  return Array.from({ length: height }, (_, line) => {
    const parts = widths.map((width, column) => {
      const text = cells[column]?.[line] ?? ''
      return ` ${text}${' '.repeat(width - widthOf(text))} `
    })
    return `|${parts.join('|')}|`
  })
}

/** Characters, not UTF-16 units: names may hold any. */
function widthOf(text: string): number {
  return [...text].length
}

/** `2030-01-31 18:00` in UTC, which is the same on every machine. */
export function momentText(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ')
}
